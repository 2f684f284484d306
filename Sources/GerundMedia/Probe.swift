import GerundCore
import GerundStream
import Synchronization

/// Looks at a source for about a second.
public enum Probe {
    /// Opens the source, decodes for a while and tells what came.
    ///
    /// Blocks no shared thread. Cancelling the task ends it within a moment.
    ///
    /// - Parameters:
    ///   - look: How long to decode, in media time for what is faster than real time.
    ///   - configuration: Time-outs and threads are used, the rest isn't.
    /// - Throws: ``CaptureError`` when the source can't be opened, or `CancellationError`.
    public static func run(
        _ address: SourceAddress, look: Duration = .seconds(1), configuration: CaptureConfiguration
    ) async throws -> ProbeReport {
        let interrupt = Interrupt()
        let result = OutcomeBox()
        let thread = CaptureThread.start(name: "probe") {
            LibAVLog.$speaker.withValue(LibAVLog.Speaker(name: address.id.name)) {
                do throws(CaptureError) {
                    result.set(.success(try Self.look(at: address, for: look, configuration, interrupt)))
                } catch {
                    result.set(.failure(error))
                }
            }
        }
        await withTaskCancellationHandler {
            await thread?.join()
        } onCancel: {
            interrupt.cancel()
        }
        try Task.checkCancellation()
        guard let outcome = result.outcome else {
            throw CaptureError(code: .busy, source: address.id, message: "the system gives no more threads")
        }
        return try outcome.get()
    }

    private final class OutcomeBox: Sendable {
        private let value = Mutex<Result<ProbeReport, CaptureError>?>(nil)
        var outcome: Result<ProbeReport, CaptureError>? { self.value.withLock { $0 } }
        func set(_ outcome: Result<ProbeReport, CaptureError>) { self.value.withLock { $0 = outcome } }
    }

    private static func look(
        at address: SourceAddress, for look: Duration, _ configuration: CaptureConfiguration, _ interrupt: Interrupt
    ) throws(CaptureError) -> ProbeReport {
        let start = ContinuousClock.now
        var session = try CaptureSession.open(address, configuration: configuration, interrupt: interrupt)
        let opened = ContinuousClock.now
        var report = ProbeReport(
            description: session.description, timeToOpen: opened - start, pictures: 0, pixelAspect: 1,
            rotation: session.description.rotation, isFullRange: false, warnings: [])
        var findings = ProbeFindings()
        var timeline = MediaTimeline(limits: session.description.isLive ? .live : .file)
        timeline.opened(
            timeBase: session.timeBase, wrapBits: session.wrapBits,
            frameDuration: session.description.frameRate.map { .seconds(1 / $0) })
        var lastTime = MediaTime.zero
        reading: while lastTime - .zero < look, .now - opened < look + configuration.stallTimeout {
            let step: CaptureSession.Step
            do throws(CaptureError) {
                step = try session.next()
            } catch {
                // What broke off after the opening is a finding, not a failure of the probe.
                findings.brokenOff = error
                break
            }
            switch step {
            case .ended:
                findings.hasEnded = true
                break reading
            case .damaged:
                findings.damaged += 1
            case .picture:
                let now = ContinuousClock.now
                if report.pictures == 0 {
                    report.timeToFirstPicture = now - start
                    let layout = session.frame.layout
                    report.pictureSize = ProbeReport.Size(width: layout.width, height: layout.height)
                    report.pixelAspect = layout.pixelAspect
                    report.colorMatrix = layout.matrixName
                    report.isFullRange = layout.isFullRange
                    report.rotation = (session.frame.orientation ?? session.orientation).degrees
                    findings.note(layout)
                }
                report.pictures += 1
                if session.frame.isDamaged { findings.damaged += 1 }
                let hasStamp = session.hasTimestamps && session.frame.presentationTimestamp != nil
                if !hasStamp { findings.missingStamps += 1 }
                if let position = timeline.place(stamp: session.frame.presentationTimestamp, arrival: now) {
                    lastTime = position.time
                    findings.segments = position.segment
                } else {
                    findings.misplaced += 1
                }
            }
        }
        if report.pictures > 1, lastTime > .zero {
            report.measuredRate = Double(report.pictures - 1) / lastTime.seconds
        }
        findings.unusedOptions = session.unusedOptions
        report.warnings = findings.warnings(report, options: address.options)
        return report
    }
}
