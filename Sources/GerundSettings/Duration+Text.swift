import GerundCore

extension Duration {
    /// Creates a duration from the text of a setting: `90`, `90s`, `15m`, `1h30m` or `2d`.
    ///
    /// A number without a unit is in seconds. Numbers may have a fraction; units must descend, each at most once.
    ///
    /// - Returns: `nil` for any other text, and for a negative duration or one of more than 100 years.
    public init?(settingText text: String) {
        guard let seconds = Self.seconds(of: text), 0...Self.maximumSeconds ~= seconds else { return nil }
        self = .seconds(seconds)
    }

    /// Far above the range of any setting, and far below what `Duration` can hold.
    private static let maximumSeconds = 100.0 * 366 * 86_400

    private static let units: [(name: Character, seconds: Double)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

    private static func seconds(of text: String) -> Double? {
        guard let last = text.last else { return nil }
        guard self.units.contains(where: { $0.name == last }) else { return Double(text) }
        var rest = text[...]
        var seconds = 0.0
        for unit in self.units {
            guard let end = rest.firstIndex(of: unit.name) else { continue }
            // Not by `Double` alone, which would take `1e5` and `0x1p3` for parts as well.
            let number = rest[..<end]
            guard number.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") }), let value = Double(number)
            else { return nil }
            seconds += value * unit.seconds
            rest = rest[rest.index(after: end)...]
        }
        return rest.isEmpty ? seconds : nil
    }

    /// The duration as the text of a setting, such as `90s`, `15m` or `1h30m`; ``init(settingText:)`` reads it.
    public var settingText: String {
        let seconds = self / .seconds(1)
        guard seconds >= 60, seconds == seconds.rounded() else { return "\(seconds.shortDescription)s" }
        var rest = Int(seconds)
        var text = ""
        for (name, size) in [("h", 3600), ("m", 60), ("s", 1)] where rest >= size {
            text += "\(rest / size)\(name)"
            rest %= size
        }
        return text
    }
}
