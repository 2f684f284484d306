/// The quality of recognition that live sources get at present.
package struct ServiceLevel: Sendable, Hashable {
    /// How windows are computed: ``RecognitionMode/exact`` or ``RecognitionMode/fast``.
    package var mode: RecognitionMode
    /// Every `windowDecimation`-th due window is computed; 1 computes all.
    package var windowDecimation: Int
    /// Every `frameDecimation`-th sampled frame is processed and the others are dropped; 1 processes all.
    package var frameDecimation: Int

    /// Creates a level, by default one that skips nothing.
    ///
    /// - Parameters:
    ///   - mode: How windows are computed, exact or fast.
    ///   - windowDecimation: The number of due windows of which one is computed; at least 1.
    ///   - frameDecimation: The number of sampled frames of which one is processed; at least 1.
    package init(mode: RecognitionMode, windowDecimation: Int = 1, frameDecimation: Int = 1) {
        self.mode = mode
        self.windowDecimation = windowDecimation
        self.frameDecimation = frameDecimation
    }

    /// The level of live sources while the engine keeps up with a recognition mode.
    package static func full(for mode: RecognitionMode) -> ServiceLevel {
        ServiceLevel(mode: mode == .fast ? .fast : .exact)
    }

    /// The fraction of sampled frames that are dropped, in `0..<1`.
    var frameDropRatio: Double { 1 - 1 / Double(self.frameDecimation) }
}
