extension Double {
    /// The number with exactly `decimals` digits after the point, ties away from zero.
    ///
    /// - Returns: `null` for a number that is not finite or too large, as JSON has it.
    package func fixed(_ decimals: Int) -> String {
        var unit: Int64 = 1
        for _ in 0..<decimals { unit *= 10 }
        let scaled = (self * Double(unit)).rounded()
        guard scaled.isFinite, abs(scaled) < 9e18 else { return "null" }
        let digits = Int64(scaled)
        let whole = "\(scaled < 0 ? "-" : "")\(digits.magnitude / UInt64(unit))"
        guard decimals > 0 else { return whole }
        let fraction = String(digits.magnitude % UInt64(unit))
        return whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
