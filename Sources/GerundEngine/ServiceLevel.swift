/// A level of service for live sources: the mode, and the fractions of windows and frames that are computed.
package struct ServiceLevel: Sendable, Hashable {
    /// The mode in which windows are computed: ``RecognitionMode/exact`` or ``RecognitionMode/fast``.
    package var mode: RecognitionMode
    /// One of every `windowDecimation` due windows is computed; at least 1.
    ///
    /// The default is 1.
    package var windowDecimation: Int
    /// One of every `frameDecimation` sampled frames is processed and the others are dropped; at least 1.
    ///
    /// The default is 1.
    package var frameDecimation: Int

    /// Creates a level.
    ///
    /// By default, all windows and frames are computed.
    ///
    /// - Parameters:
    ///   - mode: The mode in which windows are computed: exact or fast.
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
