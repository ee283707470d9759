// type 'CallKey' does not conform to protocol 'Copyable'
// Call keys in an array, from where anyone could take copies.
import CallKey

func list(_ keys: [CallKey]) -> Int { keys.count }
