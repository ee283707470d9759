// argument type 'CallKey' does not conform to expected type 'Copyable'
// A call key in a log.
import CallKey

func log() throws {
    print(try CallKey.generate())
}
