import GerundCore
import GerundStream
import Testing

@testable import GerundMedia

@Suite("ProbeFindings")
struct ProbeFindingsTests {
    private func report(declared: Double? = 25, measured: Double? = 25, frames: Int = 26) -> ProbeReport {
        ProbeReport(
            description: StreamInfo(codec: "h264", width: 640, height: 480, frameRate: declared, isLive: true),
            timeToOpen: .milliseconds(100), timeToFirstFrame: .milliseconds(200), frameCount: frames,
            measuredRate: measured, frameSize: PixelSize(width: 640, height: 480), pixelAspectRatio: 1, rotation: 0,
            isFullRange: false, warnings: [])
    }

    @Test("Has no warning for a stream without problems")
    func noWarnings() {
        #expect(ProbeFindings().warnings(self.report(), options: SourceOptions()) == [])
    }

    @Test("Warns of an interrupted stream and of a stream without frames")
    func interrupted() {
        let error = CaptureError(code: .disconnected, source: SourceID("cam"), message: "no packet for 10 s")
        let warnings = ProbeFindings(readError: error).warnings(self.report(frames: 0), options: SourceOptions())
        #expect(
            warnings == [
                "stream interrupted: no packet for 10 s",
                "no frame could be decoded; the stream may start without a key frame",
            ])
    }

    @Test("Warns of another size and frame rate than requested and declared")
    func otherMode() {
        var options = SourceOptions()
        options.size = PixelSize(width: 1280, height: 720)
        let warnings = ProbeFindings().warnings(self.report(declared: 30, measured: 14.96), options: options)
        #expect(
            warnings == [
                "device delivers 640x480, requested 1280x720",
                "measured 15.0 fps, declared 30.0 fps; many cameras slow down in low light",
            ])
        #expect(ProbeFindings().warnings(self.report(declared: 30, measured: 25), options: SourceOptions()) == [])
    }

    @Test("Warns of corrupt frames, unusable timestamps, ignored options and high dynamic range")
    func streamProblems() {
        let findings = ProbeFindings(
            corrupt: 3, missingTimestamps: 26, discardedFrames: 1, unusedOptions: ["fpsprobesize"],
            isHighDynamicRange: true)
        #expect(
            findings.warnings(self.report(), options: SourceOptions()) == [
                "3 corrupt packets or frames in 26 frames; possible UDP packet loss: use #transport=tcp or a lower bit "
                    + "rate",
                "frames have no timestamps; their time of arrival is used",
                "timestamps are out of order or discontinuous; windows never span a discontinuity",
                "high dynamic range is not converted; colors look flat",
                "FFmpeg ignored its option 'fpsprobesize'",
            ])
    }

    @Test("Warns of a first frame that took more than five seconds")
    func lateFirstFrame() {
        var report = self.report()
        report.timeToFirstFrame = .milliseconds(6140)
        #expect(
            ProbeFindings().warnings(report, options: SourceOptions()) == [
                "the first frame took 6.1 s; set a shorter key frame interval in the camera"
            ])
    }
}
