// swift-tools-version: 6.0
import PackageDescription

// This folder as the package sees it. `make generate` writes the Package.swift at the root of the
// repository from this file: the same but for this line.
let here = ""

// The C library: on Apple platforms the framework that `make xcframework` builds, elsewhere the
// installed library, found through pkg-config's callkey.pc.
#if canImport(Darwin)
    let library: Target = .binaryTarget(name: "CCallKey", path: here + "CCallKey.xcframework")
#else
    let library: Target = .systemLibrary(name: "CCallKey", path: here + "Sources/CCallKey", pkgConfig: "callkey")
#endif

let package = Package(
    name: "CallKey",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "CallKey", targets: ["CallKey"])],
    targets: [
        library,
        .target(name: "CallKey", dependencies: ["CCallKey"], path: here + "Sources/CallKey"),
        .testTarget(
            name: "CallKeyTests", dependencies: ["CallKey", "CCallKey"], path: here + "Tests/CallKeyTests"),
    ],
    swiftLanguageModes: [.v6]
)
