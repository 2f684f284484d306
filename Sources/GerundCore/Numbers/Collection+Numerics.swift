import Glibc

extension Collection<Double> {
    /// The logarithm of the sum of the exponentials, computed without overflow; -∞ for an empty collection.
    package var logSumExp: Double {
        let maximum = self.max() ?? -.infinity
        guard maximum.isFinite else { return maximum }
        return maximum + log(self.reduce(0) { $0 + exp($1 - maximum) })
    }

    /// The softmax, `exp(x) / sum(exp(x))`: nonnegative numbers that sum to 1; empty for an empty collection.
    package var softmax: [Double] {
        let logSumExp = self.logSumExp
        return self.map { exp($0 - logSumExp) }
    }

    /// The median: the middle element, or the mean of the two middle ones; `nil` for an empty collection.
    package var median: Double? {
        self.middle.map { ($0 + $1) / 2 }
    }
}

extension Collection<Duration> {
    /// The median: the middle element, or the mean of the two middle ones; `nil` for an empty collection.
    package var median: Duration? {
        self.middle.map { ($0 + $1) / 2 }
    }
}

extension Collection where Element: Comparable {
    /// The two middle elements in ascending order, which are the same one if the count is odd.
    fileprivate var middle: (Element, Element)? {
        guard !self.isEmpty else { return nil }
        let sorted = self.sorted()
        return (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    }
}
