extension Duration {
    /// The duration in nanoseconds, truncated toward zero and clamped to the range of `Int64` (about ±292 years).
    public var truncatedNanoseconds: Int64 {
        let (wholeSeconds, attoseconds) = self.components
        let limit: Int64 = wholeSeconds < 0 ? .min : .max
        let product = wholeSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !product.overflow else { return limit }
        let sum = product.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000)
        return sum.overflow ? limit : sum.partialValue
    }

    /// The duration in seconds, as a floating-point number.
    public var seconds: Double {
        let (wholeSeconds, attoseconds) = self.components
        return Double(wholeSeconds) + Double(attoseconds) / 1e18
    }

    /// The duration in milliseconds, as a floating-point number.
    public var milliseconds: Double { self.seconds * 1e3 }
}
