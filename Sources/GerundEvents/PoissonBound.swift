import Glibc

/// A confidence bound on the mean of a Poisson distribution, given an observed count.
public enum PoissonBound {
    /// Returns the upper confidence bound on the mean: the largest mean for which `count` or fewer events have a
    /// probability of 1 - `confidence`.
    ///
    /// For no events and a confidence of 0.95 it is 3.0.
    ///
    /// This is Garwood's exact upper limit (Biometrika 28, 1936). It holds as well for a threshold that was chosen so
    /// that exactly `count` of the observed events exceed it: the expected number of events above the (k + 1)-th
    /// highest of a Poisson process is gamma distributed with shape k + 1, which gives the same limit.
    ///
    /// - Parameters:
    ///   - count: The observed number of events; not negative.
    ///   - confidence: The confidence, above 0 and below 1.
    /// - Returns: The bound.
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

    /// Returns the probability of `count` or fewer events.
    private static func probability(of count: Int, mean: Double) -> Double {
        var (logarithm, sum) = (-mean, exp(-mean))
        for number in 0..<count {
            logarithm += log(mean / Double(number + 1))
            sum += exp(logarithm)
        }
        return sum
    }
}
