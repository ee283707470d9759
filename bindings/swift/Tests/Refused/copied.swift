// 'key' consumed more than once
// A second copy of a call key, which nobody would wipe.
import CallKey

func twice() throws {
    let key = try CallKey.generate()
    let one = key
    let other = key
    one.wipe()
    other.wipe()
}
