// no exact matches in call to instance method 'appendInterpolation'
// Media keys in a text.
import CallKey

func text(_ keys: borrowing SRTPKeys) -> String {
    "the keys are \(keys)"
}
