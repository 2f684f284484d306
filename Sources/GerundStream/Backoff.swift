/// How long to wait before the next attempt: doubling from ``initial`` to ``maximum``, spread by ``jitter``.
///
/// The spread keeps many cameras behind one switch from knocking at the same moment when it comes back.
public struct Backoff: Sendable {
    /// The first delay.
    public var initial: Duration
    /// No delay is longer, jitter included.
    public var maximum: Duration
    /// By what share of itself a delay is shortened or lengthened at most, 0...1.
    public var jitter: Double

    private var attempt = 0
    private var random: SplitMix64

    /// - Parameter seed: The same seed gives the same delays.
    public init(
        initial: Duration = .milliseconds(500), maximum: Duration = .seconds(30), jitter: Double = 0.2, seed: UInt64
    ) {
        precondition(initial > .zero && maximum >= initial, "a delay from \(initial) to \(maximum)")
        precondition((0...1).contains(jitter), "jitter is a share: \(jitter)")
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
        self.random = SplitMix64(seed: seed)
    }

    /// The delay before the next attempt; each is about twice the one before.
    public mutating func next() -> Duration {
        var delay = self.initial
        // At most 62 doublings, so that months of attempts can't overflow.
        for _ in 0..<min(self.attempt, 62) where delay < self.maximum { delay *= 2 }
        self.attempt += 1
        let spread = 1 + self.jitter * Double.random(in: -1...1, using: &self.random)
        return min(min(delay, self.maximum) * spread, self.maximum)
    }

    /// The source works: the next delay is the first again.
    public mutating func reset() {
        self.attempt = 0
    }
}
