import CallKey

/// The name of the status that `body` throws, without `CALLKEY_ERR_`; "OK" when it throws nothing.
func status<R: ~Copyable>(_ body: () throws -> R) -> String {
    do {
        _ = try body()
        return "OK"
    } catch let error as CallKeyError {
        return String(error.name.dropFirst("CALLKEY_ERR_".count))
    } catch {
        return "\(error)"
    }
}
