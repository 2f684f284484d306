import GerundCore
import GerundStream

/// What was noticed during a probe, and what to say of it.
struct ProbeFindings {
    var brokenOff: CaptureError?
    var hasEnded = false
    var damaged = 0
    var missingStamps = 0
    var misplaced = 0
    var segments = 0
    var unusedOptions: [String] = []
    private var isHighDynamicRange = false

    mutating func note(_ layout: PictureLayout) {
        self.isHighDynamicRange = layout.isHighDynamicRange
    }

    /// - Returns: Each a sentence with what to do about it.
    func warnings(_ report: ProbeReport, options: SourceOptions) -> [String] {
        var warnings: [String] = []
        if let error = self.brokenOff { warnings.append("it broke off: \(error.message)") }
        if report.pictures == 0 {
            warnings.append("no picture could be decoded; the stream may start without a key frame")
        }
        if let wanted = options.size, let size = report.pictureSize,
            (wanted.width, wanted.height) != (size.width, size.height)
        {
            warnings.append("the device gives \(size.width)x\(size.height) instead of \(wanted.width)x\(wanted.height)")
        }
        if let declared = report.description.frameRate, let measured = report.measuredRate, !self.hasEnded,
            report.pictures > 5, abs(measured / declared - 1) > 0.2
        {
            warnings.append(
                "it gives \(Self.rounded(measured)) frames per second and declares \(Self.rounded(declared)); "
                    + "in low light many cameras slow down")
        }
        if self.damaged > 0 {
            warnings.append(
                "\(self.damaged) of \(report.pictures) pictures are damaged; "
                    + "with UDP packets get lost: use #transport=tcp, or a lower bit rate")
        }
        if self.missingStamps > 0, report.description.isLive {
            warnings.append("pictures have no time stamps; the time of their arrival is used")
        }
        if self.misplaced > 0 || self.segments > 0 {
            warnings.append("time stamps are out of order or jump; windows never span a jump")
        }
        if let first = report.timeToFirstPicture, first > .seconds(5) {
            warnings.append(
                "the first picture took \(Self.rounded(first.inSeconds)) s; set a shorter key frame interval in the camera"
            )
        }
        if let size = report.pictureSize, size.width * size.height > 1920 * 1088 {
            warnings.append("the picture is large; a camera's sub-stream of 640x360 is enough and needs less CPU")
        }
        if self.isHighDynamicRange {
            warnings.append("high dynamic range is not converted; colours look flat")
        }
        for option in self.unusedOptions { warnings.append("libav had no use for its option '\(option)'") }
        return warnings
    }

    /// One decimal place.
    private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
