#if os(Linux)
    import Foundation

    /// This process's own memory, read as a thief of a core file would.
    enum Memory {
        /// How many times the needle lies in memory that can be written, apart from where the needle itself is.
        static func copies(of needle: UnsafeRawBufferPointer) throws -> Int {
            let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
            let memory = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/mem"))
            defer { try? memory.close() }
            // So much at a time, and the needle's length of the next.
            let page = 1 << 20
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: page + needle.count, alignment: 16)
            defer { buffer.deallocate() }
            let needleAddress = UInt(bitPattern: needle.baseAddress!)
            let bufferAddress = UInt(bitPattern: buffer.baseAddress!)
            let bufferAddresses = bufferAddress..<bufferAddress + UInt(buffer.count)
            var found = 0
            for line in maps.split(separator: "\n") {
                let fields = line.split(separator: " ", omittingEmptySubsequences: true)
                let range = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
                guard fields[1].hasPrefix("rw"), !line.hasSuffix("[vvar]") else { continue }
                var place = range[0]
                while place < range[1] {
                    let length = min(buffer.count, Int(range[1] - place))
                    let read = pread(memory.fileDescriptor, buffer.baseAddress, length, off_t(place))
                    var start = 0
                    while read > 0, start < min(read, page),
                        let hit = memmem(buffer.baseAddress! + start, read - start, needle.baseAddress!, needle.count)
                    {
                        let offset = buffer.baseAddress!.distance(to: hit)
                        if offset >= page { break }
                        let address = place + UInt(offset)
                        // The needle itself, and what the buffer holds of a page that was read before.
                        if address != needleAddress, !bufferAddresses.contains(address) { found += 1 }
                        start = offset + 1
                    }
                    place += UInt(page)
                }
            }
            return found
        }
    }
#endif
