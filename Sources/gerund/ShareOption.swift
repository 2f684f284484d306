import ArgumentParser
import GerundEvents

/// A part of the whole, as the user names it: `1%` or `0.01`.
struct ShareOption: ExpressibleByArgument {
    /// 0...1.
    let share: Double

    init(share: Double) {
        self.share = share
    }

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        let number = isPercent ? String(argument.dropLast()) : argument
        guard let value = Double(number), 0...(isPercent ? 100 : 1) ~= value else { return nil }
        self.share = isPercent ? value / 100 : value
    }

    var defaultValueDescription: String { "\((100 * self.share).fixed(0))%" }
}
