import Glibc

/// What a number of independent events that were counted says of the number that is to be expected.
public enum PoissonBound {
    /// The greatest mean under which no more than `count` events still happen with a probability of 1 - `confidence`:
    /// Garwood's exact upper limit (Biometrika 28, 1936). 3.0 for none, with a confidence of 0.95.
    ///
    /// It holds as well for a level that was put where exactly `count` of the counted events exceed it: the expected
    /// number of those above the (k + 1)-th highest of a Poisson process is gamma distributed with shape k + 1, which is
    /// the same limit.
    ///
    /// - Parameter confidence: Above 0 and below 1.
    public static func upper(count: Int, confidence: Double) -> Double {
        precondition(count >= 0 && confidence > 0 && confidence < 1, "\(count) events, confidence \(confidence)")
        var (low, high) = (Double(count), 2 * Double(count) + 1)
        while self.probability(of: count, mean: high) > 1 - confidence { high *= 2 }
        for _ in 0..<100 {
            let mean = (low + high) / 2
            if self.probability(of: count, mean: mean) > 1 - confidence { low = mean } else { high = mean }
        }
        return high
    }

    /// The probability of `count` events or fewer.
    private static func probability(of count: Int, mean: Double) -> Double {
        var (logarithm, sum) = (-mean, exp(-mean))
        for number in 0..<count {
            logarithm += log(mean / Double(number + 1))
            sum += exp(logarithm)
        }
        return sum
    }
}
