public import GerundCore

/// An error in the values of a ``SamplingPlan``.
public struct SamplingPlanError: GerundError, Hashable {
    /// The value that is out of range.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The number of frames in a window is out of range.
        public static let invalidFrameCount = Self(name: "invalidFrameCount")
        /// The window is too short for its frames, too long, or not a number.
        public static let invalidWindowDuration = Self(name: "invalidWindowDuration")
        /// The number of windows per second is out of range.
        public static let invalidWindowRate = Self(name: "invalidWindowRate")

        private init(name: String) {
            self.name = name
        }
    }

    /// The value that is out of range.
    public let code: Code
    /// The value and the range, in one line.
    public let message: String

    /// Always `nil`.
    public var cause: (any Error)? { nil }

    private init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func invalidFrameCount(_ count: Int) -> Self {
        Self(
            .invalidFrameCount,
            "invalid number of frames per window \(count): expected 1...\(SamplingPlan.maximumFrameCount)")
    }

    static func invalidWindowDuration(seconds: Double, frameCount: Int) -> Self {
        let minimum = SamplingPlan.minimumFrameInterval / .seconds(1) * Double(frameCount)
        let maximum = Int(SamplingPlan.maximumWindowDuration / .seconds(1))
        return Self(
            .invalidWindowDuration,
            "invalid window of \(seconds) s: \(frameCount) frames need between \(minimum) s and \(maximum) s")
    }

    static func invalidWindowRate(_ rate: Double) -> Self {
        let maximum = Int(SamplingPlan.maximumWindowRate)
        return Self(
            .invalidWindowRate, "invalid rate of \(rate) windows per second: expected above 0 and at most \(maximum)")
    }
}
