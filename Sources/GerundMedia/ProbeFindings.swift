import GerundCore
import GerundStream

/// The observations of a probe, and the warnings that follow from them.
struct ProbeFindings {
    /// The error that ended reading, if any.
    var readError: CaptureError?
    var hasEnded = false
    /// The number of corrupt packets and frames.
    var corrupt = 0
    /// The number of frames without a timestamp.
    var missingTimestamps = 0
    /// The number of frames whose timestamp could not be used.
    var discardedFrames = 0
    /// The number of discontinuities.
    var segments = 0
    var unusedOptions: [String] = []
    var isHighDynamicRange = false

    /// Returns the warnings, each one line that says what to do about it.
    func warnings(_ report: ProbeReport, options: SourceOptions) -> [String] {
        var warnings: [String] = []
        if let error = self.readError { warnings.append("stream interrupted: \(error.reason)") }
        if report.frameCount == 0 {
            warnings.append("no frame could be decoded; the stream may start without a key frame")
        }
        if let requested = options.size, let size = report.frameSize, requested != size {
            warnings.append("device delivers \(size), requested \(requested)")
        }
        if let declared = report.description.frameRate, let measured = report.measuredRate, !self.hasEnded,
            report.frameCount > 5, abs(measured / declared - 1) > 0.2
        {
            warnings.append(
                "measured \(Self.rounded(measured)) fps, declared \(Self.rounded(declared)) fps; "
                    + "many cameras slow down in low light")
        }
        if self.corrupt > 0 {
            warnings.append(
                "\(self.corrupt) corrupt packets or frames in \(report.frameCount) frames; "
                    + "possible UDP packet loss: use #transport=tcp or a lower bit rate")
        }
        if self.missingTimestamps > 0, report.description.isLive {
            warnings.append("frames have no timestamps; their time of arrival is used")
        }
        if self.discardedFrames > 0 || self.segments > 0 {
            warnings.append("timestamps are out of order or discontinuous; windows never span a discontinuity")
        }
        if let first = report.timeToFirstFrame, first > .seconds(5) {
            warnings.append(
                "the first frame took \(Self.rounded(first.seconds)) s; set a shorter key frame interval in the camera")
        }
        if let size = report.frameSize, size.width * size.height > 1920 * 1088 {
            warnings.append("frames are large; a camera's sub-stream of 640x360 is enough and needs less CPU")
        }
        if self.isHighDynamicRange {
            warnings.append("high dynamic range is not converted; colors look flat")
        }
        for option in self.unusedOptions { warnings.append("FFmpeg ignored its option '\(option)'") }
        return warnings
    }

    /// Returns a number with one decimal place.
    private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
