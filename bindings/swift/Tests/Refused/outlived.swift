// 'key' used after consume
// A call key that is used after it was wiped.
import CallKey

func afterwards() throws -> String {
    let key = try CallKey.generate()
    key.wipe()
    return try key.fingerprint
}
