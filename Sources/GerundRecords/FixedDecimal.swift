import GerundCore

/// A number that is written with a fixed number of decimals.
///
/// ``RecordEncoder`` writes `0.930` for 0.93 with three decimals, and `null` for a number that JSON can't express. Any
/// other encoder gets the rounded number, or `nil`.
struct FixedDecimal: Encodable {
    var value: Double
    var decimals: Int

    init(_ value: Double, decimals: Int) {
        self.value = value
        self.decimals = decimals
    }

    var text: String { self.value.fixed(self.decimals) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let rounded = Double(self.text) {
            try container.encode(rounded)
        } else {
            try container.encodeNil()
        }
    }
}
