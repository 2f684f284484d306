import GerundCore
import GerundStream
import Synchronization

/// A short look at a source.
public enum SourceProbe {
    /// Opens a source, decodes it for a while and reports what was found.
    ///
    /// The probe runs on a dedicated thread. Cancelling the task ends it within a moment.
    ///
    /// - Parameters:
    ///   - address: The source.
    ///   - duration: The time for which to decode; in media time for sources that are faster than real time.
    ///   - configuration: The time-outs and decoder threads to use. The other options are ignored.
    /// - Returns: The report.
    /// - Throws: ``CaptureError`` if the source can't be opened, or `CancellationError`.
    public static func run(
        _ address: SourceAddress, duration: Duration = .seconds(1), configuration: CaptureConfiguration
    ) async throws -> ProbeReport {
        let interrupt = InterruptToken()
        let result = OutcomeBox()
        let thread: DedicatedThread
        do throws(ThreadCreationError) {
            thread = try DedicatedThread.start(name: "probe") {
                LibAVLog.$current.withValue(LibAVLog.Context(name: address.id.name)) {
                    do throws(CaptureError) {
                        result.set(.success(try Self.look(at: address, for: duration, configuration, interrupt)))
                    } catch {
                        result.set(.failure(error))
                    }
                }
            }
        } catch {
            throw CaptureError(code: .busy, source: address.id, message: error.reason)
        }
        await withTaskCancellationHandler {
            await thread.join()
        } onCancel: {
            interrupt.cancel()
        }
        try Task.checkCancellation()
        guard let outcome = result.outcome else { throw CancellationError() }
        return try outcome.get()
    }

    private final class OutcomeBox: Sendable {
        private let value = Mutex<Result<ProbeReport, CaptureError>?>(nil)
        var outcome: Result<ProbeReport, CaptureError>? { self.value.withLock { $0 } }
        func set(_ outcome: Result<ProbeReport, CaptureError>) { self.value.withLock { $0 = outcome } }
    }

    private static func look(
        at address: SourceAddress, for duration: Duration, _ configuration: CaptureConfiguration,
        _ interrupt: InterruptToken
    ) throws(CaptureError) -> ProbeReport {
        let start = ContinuousClock.now
        var session = try CaptureSession.open(address, configuration: configuration, interrupt: interrupt)
        let opened = ContinuousClock.now
        var report = ProbeReport(
            description: session.info, timeToOpen: opened - start, frameCount: 0, pixelAspectRatio: 1,
            rotation: session.info.rotation, isFullRange: false, warnings: [])
        var findings = ProbeFindings()
        var timeline = MediaTimeline(limits: session.info.isLive ? .live : .file)
        timeline.streamOpened(
            timeBase: session.timeBase, wrapBits: session.wrapBits,
            frameDuration: session.info.frameRate.map { .seconds(1 / $0) })
        var lastTime = MediaTime.zero
        reading: while lastTime - .zero < duration, .now - opened < duration + configuration.stallTimeout {
            let step: CaptureSession.Step
            do throws(CaptureError) {
                step = try session.next()
            } catch {
                // An error after opening is a finding, not a failure of the probe.
                findings.readError = error
                break
            }
            switch step {
            case .ended:
                findings.hasEnded = true
                break reading
            case .corrupt:
                findings.corrupt += 1
            case .frame:
                let now = ContinuousClock.now
                if report.frameCount == 0 {
                    report.timeToFirstFrame = now - start
                    let videoFormat = session.frame.videoFormat
                    report.frameSize = videoFormat.size
                    report.pixelAspectRatio = videoFormat.pixelAspectRatio
                    report.colorMatrix = videoFormat.colorMatrixName
                    report.isFullRange = videoFormat.isFullRange
                    report.rotation = (session.frame.orientation ?? session.orientation).degrees
                    findings.isHighDynamicRange = videoFormat.isHighDynamicRange
                }
                report.frameCount += 1
                if session.frame.isCorrupt { findings.corrupt += 1 }
                let hasTimestamp = session.hasTimestamps && session.frame.presentationTimestamp != nil
                if !hasTimestamp { findings.missingTimestamps += 1 }
                switch timeline.frameDecoded(pts: session.frame.presentationTimestamp, arrival: now) {
                case .use(let position):
                    lastTime = position.time
                    findings.segments = position.segment
                case .discard:
                    findings.discardedFrames += 1
                }
            }
        }
        if report.frameCount > 1, lastTime > .zero {
            report.measuredRate = Double(report.frameCount - 1) / lastTime.seconds
        }
        findings.unusedOptions = session.unusedOptions
        report.warnings = findings.warnings(report, options: address.options)
        return report
    }
}
