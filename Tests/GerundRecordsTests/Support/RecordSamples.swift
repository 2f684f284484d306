import FoundationEssentials
import GerundCore
import GerundRecords

/// One record of every kind, and the line that it is written as.
enum RecordSamples {
    /// The time of all samples: 2026-11-23T18:20:12.250Z.
    static let time = Date(timeIntervalSince1970: 1_795_458_012.25)
    static let door = SourceID("door")
    private static let now = #""time":"2026-11-23T18:20:12.250Z""#

    static let run: (record: RunRecord, line: String) = (
        RunRecord(
            run: "01KARCBM1AZZZZZZZZZZZZZZZZ", version: "0.2.0", model: "gerund-demo",
            modelSHA256: String(repeating: "0f", count: 32), labels: ["waving a hand", "\"quoted\""],
            background: ["an empty room"], window: .seconds(2), windowsPerSecond: 4, framesPerWindow: 8, mode: "auto",
            precision: "bf16", time: time),
        #"{"type":"run","schema":1,"run":"01KARCBM1AZZZZZZZZZZZZZZZZ","version":"0.2.0","model":"gerund-demo","#
            + #""model_sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","#
            + #""labels":["waving a hand","\"quoted\""],"background":["an empty room"],"window_s":2.000,"#
            + #""windows_per_s":4.000,"frames_per_window":8,"mode":"auto","precision":"bf16",\#(now)}"#
    )

    static let label: (record: LabelRecord, line: String) = (
        LabelRecord(
            source: door, mediaTime: MediaTime(seconds: 12.25), time: time, label: "waving a hand", score: 0.93,
            top: [ScoredLabel(label: "waving a hand", score: 0.93), ScoredLabel(label: "clapping", score: 0.05)],
            mode: "exact", latency: .microseconds(41_200)),
        #"{"type":"label","source":"door","media_time":12.250,\#(now),"label":"waving a hand","score":0.930,"#
            + #""top":[{"label":"waving a hand","score":0.930},{"label":"clapping","score":0.050}],"#
            + #""mode":"exact","latency_ms":41.2}"#
    )

    static let noLabel: (record: LabelRecord, line: String) = (
        LabelRecord(
            source: door, mediaTime: .zero, time: time, label: nil, score: 0.75, top: [], mode: "fast", latency: .zero),
        #"{"type":"label","source":"door","media_time":0.000,\#(now),"label":null,"score":0.750,"top":[],"#
            + #""mode":"fast","latency_ms":0.0}"#
    )

    static let events: [(record: EventRecord, line: String)] = {
        func event(_ phase: EventRecord.Phase) -> EventRecord {
            EventRecord(
                phase: phase, id: "01KARCBM1AZZZZZZZZZZZZZZZZ", source: door, label: "falling down",
                start: MediaTime(seconds: 41), startTime: time - 2, time: time)
        }
        func end(isInterrupted: Bool) -> EventRecord {
            event(
                .ended(
                    at: MediaTime(seconds: 43.25), endTime: time - 0.5, peakScore: 0.97, isInterrupted: isInterrupted))
        }
        func beginning(_ phase: String) -> String {
            #"{"type":"event","phase":"\#(phase)","id":"01KARCBM1AZZZZZZZZZZZZZZZZ","source":"door","#
                + #""label":"falling down","start_s":41.000,"#
        }
        let start = #""start_time":"2026-11-23T18:20:10.250Z","#
        let ended = beginning("ended") + #""end_s":43.250,\#(start)"end_time":"2026-11-23T18:20:11.750Z","#
        return [
            (event(.started(score: 0.88)), beginning("started") + #"\#(start)"score":0.880,\#(now)}"#),
            (event(.updated(peakScore: 0.97)), beginning("updated") + #"\#(start)"peak_score":0.970,\#(now)}"#),
            (end(isInterrupted: false), ended + #""peak_score":0.970,\#(now)}"#),
            (end(isInterrupted: true), ended + #""peak_score":0.970,"interrupted":true,\#(now)}"#),
        ]
    }()

    static let sources: [(record: SourceRecord, line: String)] = [
        (
            .connected(codec: "h264", width: 640, height: 360, fps: 25),
            #""state":"connected","codec":"h264","width":640,"height":360,"fps":25.000"#
        ),
        (
            .connected(codec: "mjpeg", width: 1, height: 2, fps: nil),
            #""state":"connected","codec":"mjpeg","width":1,"height":2"#
        ),
        (.warmingUp, #""state":"warming_up""#),
        (
            .degraded(mode: "fast", windowsPerSecond: 2, frameDropRatio: 0.5),
            #""state":"degraded","mode":"fast","windows_per_s":2.000,"frame_drop_ratio":0.500"#
        ),
        (
            .recovered(mode: "exact", windowsPerSecond: 4),
            #""state":"recovered","mode":"exact","windows_per_s":4.000"#
        ),
        (
            .disconnected(error: "no packet for 10 s", retryIn: .seconds(2)),
            #""state":"disconnected","error":"no packet for 10 s","retry_in_s":2.0"#
        ),
        (.ended, #""state":"ended""#),
        (.failed(error: "no such file"), #""state":"failed","error":"no such file""#),
    ].map { (state: SourceRecord.State, members: String) in
        (
            SourceRecord(source: door, state: state, time: time),
            #"{"type":"source","source":"door",\#(members),\#(now)}"#
        )
    }

    static let framesDropped: (record: FramesDroppedRecord, line: String) = (
        FramesDroppedRecord(
            source: door, count: 3, firstMediaTime: MediaTime(seconds: 7.5), firstTime: time - 1.5, time: time),
        #"{"type":"frames_dropped","source":"door","count":3,"first_media_time":7.500,"#
            + #""first_time":"2026-11-23T18:20:10.750Z",\#(now)}"#
    )

    static let audit: (record: AuditRecord, line: String) = (
        AuditRecord(
            source: door, mediaTime: MediaTime(seconds: 500), windows: 1200, top1Changes: 3, maxScoreError: 0.1235,
            scoreErrorBound: 0.0214, confidence: 0.95, sampleSize: 1000, time: time),
        #"{"type":"audit","source":"door","media_time":500.000,"windows":1200,"top1_changes":3,"#
            + #""max_score_error":0.1235,"score_error_bound":0.0214,"confidence":0.95,"sample_size":1000,\#(now)}"#
    )

    static let summary: (record: SummaryRecord, line: String) = (
        SummaryRecord(source: door, framesRead: 1000, windows: 312, framesDropped: 0, time: time),
        #"{"type":"summary","source":"door","frames_read":1000,"windows":312,"frames_dropped":0,"#
            + #""windows_skipped":0,\#(now)}"#
    )

    static let liveSummary: (record: SummaryRecord, line: String) = {
        var queues = SummaryRecord.QueueStatistics()
        queues.maxQueueDepth = 3
        queues.maxQueueDelay = .milliseconds(712)
        queues.maxInferenceDelay = .microseconds(41_200)
        return (
            SummaryRecord(
                source: door, framesRead: 1000, windows: 312, framesDropped: 2, windowsSkipped: 40, queues: queues,
                time: time),
            #"{"type":"summary","source":"door","frames_read":1000,"windows":312,"frames_dropped":2,"#
                + #""windows_skipped":40,"max_queue_depth":3,"max_queue_ms":712.0,"max_inference_ms":41.2,\#(now)}"#
        )
    }()

    /// Every record that a run emits.
    static let ofRuns: [(record: Record, line: String)] =
        [
            (.run(run.record), run.line), (.label(label.record), label.line), (.label(noLabel.record), noLabel.line),
            (.framesDropped(framesDropped.record), framesDropped.line), (.audit(audit.record), audit.line),
            (.summary(summary.record), summary.line), (.summary(liveSummary.record), liveSummary.line),
        ] + events.map { (.event($0.record), $0.line) } + sources.map { (.source($0.record), $0.line) }

    static let classification: (record: ClassificationRecord, line: String) = (
        ClassificationRecord(
            source: SourceID("clip.mp4"), label: "clapping", score: 0.98, probability: 0.91,
            top: [ScoredLabel(label: "clapping", score: 0.98)], windows: 12, window: .milliseconds(1880)),
        #"{"type":"classification","source":"clip.mp4","label":"clapping","score":0.980,"probability":0.910,"#
            + #""top":[{"label":"clapping","score":0.980}],"windows":12,"window_s":1.880}"#
    )

    static let threshold: (record: ThresholdRecord, line: String) = (
        ThresholdRecord(
            label: "falling down", startThreshold: 0.9995, endThreshold: 0.67, isFound: true, falseAlarms: 1,
            falseAlarmsAtDefault: 7, upperBoundPerDay: 3.125),
        #"{"type":"threshold","label":"falling down","start_threshold":0.9995,"end_threshold":0.6700,"found":true,"#
            + #""false_alarms":1,"false_alarms_at_default":7,"upper_bound_per_day":3.125}"#
    )

    static let calibration: (record: CalibrationRecord, line: String) = (
        CalibrationRecord(
            hours: 1.25, falseAlarms: 1, upperBoundPerDay: 869.5, confidence: 0.95, budgetPerDay: 1,
            isBudgetMet: false, requiredHours: 71.9),
        #"{"type":"calibration","hours":1.2500,"false_alarms":1,"upper_bound_per_day":869.500,"confidence":0.95,"#
            + #""budget_per_day":1.000,"budget_met":false,"required_hours":71.9}"#
    )

    static let comparisons: [(record: ComparisonRecord, line: String)] = [
        (
            ComparisonRecord(
                precision: "bf16", refreshedTokens: 1, windows: 193, top1Changes: 6, top1Agreement: 0.96891,
                confidentWindows: 120, confidentAgreement: 1, labeledWindows: 100, accuracy: 0.875,
                meanScoreError: 0.00125, maxScoreError: 0.25, scoreErrorBound: 0.0625, confidence: 0.95),
            #"{"type":"comparison","precision":"bf16","refreshed_tokens":1,"windows":193,"top1_changes":6,"#
                + #""top1_agreement":0.96891,"confident_windows":120,"confident_agreement":1.00000,"#
                + #""labeled_windows":100,"accuracy":0.87500,"mean_score_error":0.00125,"max_score_error":0.25000,"#
                + #""score_error_bound":0.06250,"confidence":0.95}"#
        ),
        (
            ComparisonRecord(
                precision: "f32", refreshedTokens: nil, windows: 0, top1Changes: 0, top1Agreement: 0,
                confidentWindows: 0, confidentAgreement: 0, labeledWindows: nil, accuracy: nil, meanScoreError: 0,
                maxScoreError: 0, scoreErrorBound: 1, confidence: 0.95),
            #"{"type":"comparison","precision":"f32","refreshed_tokens":null,"windows":0,"top1_changes":0,"#
                + #""top1_agreement":0.00000,"confident_windows":0,"confident_agreement":0.00000,"#
                + #""mean_score_error":0.00000,"max_score_error":0.00000,"score_error_bound":1.00000,"#
                + #""confidence":0.95}"#
        ),
    ]

    static let devices: [(record: DeviceRecord, line: String)] = [
        (
            DeviceRecord(
                path: "/dev/video0", name: "Camera", bus: "usb-1",
                mode: DeviceRecord.Mode(format: "mjpeg", width: 640, height: 480, frameRates: [30, 7.5])),
            #"{"type":"device","path":"/dev/video0","name":"Camera","bus":"usb-1","format":"mjpeg","width":640,"#
                + #""height":480,"frame_rates":[30.000,7.500]}"#
        ),
        (
            DeviceRecord(path: "/dev/video1", name: "", bus: "", error: "permission denied"),
            #"{"type":"device","path":"/dev/video1","name":"","bus":"","error":"permission denied"}"#
        ),
    ]

    static let probes: [(record: ProbeRecord, line: String)] = [
        (
            ProbeRecord(
                source: door, codec: "h264", container: "rtsp", pixelFormat: "yuv420p", width: 640, height: 360,
                rotation: 90, fps: 25, measuredFPS: 12.5, colorMatrix: "bt709", isFullRange: true,
                timeToOpen: .microseconds(12_300), timeToFirstFrame: .milliseconds(40), warnings: ["w"]),
            #"{"type":"probe","source":"door","codec":"h264","container":"rtsp","pixel_format":"yuv420p","width":640,"#
                + #""height":360,"rotation":90,"fps":25.000,"measured_fps":12.500,"color_matrix":"bt709","#
                + #""full_range":true,"open_ms":12.3,"first_frame_ms":40.0,"warnings":["w"]}"#
        ),
        (
            ProbeRecord(
                source: door, codec: "h264", container: "rtsp", pixelFormat: "unknown", width: nil, height: nil,
                rotation: 0, fps: nil, measuredFPS: nil, colorMatrix: nil, isFullRange: false, timeToOpen: .zero,
                timeToFirstFrame: nil, warnings: []),
            #"{"type":"probe","source":"door","codec":"h264","container":"rtsp","pixel_format":"unknown","#
                + #""rotation":0,"full_range":false,"open_ms":0.0,"warnings":[]}"#
        ),
    ]

    static let bench: (record: BenchRecord, line: String) = {
        let row = BenchRecord.Row(
            mode: "exact", precision: "f32", refreshedTokens: nil, labelCount: 16, sources: 1, runs: 20,
            median: .microseconds(40_125), minimum: .milliseconds(39), maximum: .milliseconds(44),
            coldStart: .milliseconds(90), roofline: .microseconds(25_500), residentMegabytes: 800.5)
        var fast = row
        (fast.mode, fast.refreshedTokens, fast.roofline) = ("fast", 1, nil)
        return (
            BenchRecord(
                machine: BenchRecord.Machine(
                    cpu: "CPU", features: ["avx2", "fma"], threads: 2, engine: "oneDNN 3.1", blasCore: "Haswell",
                    peakGigaflops: BenchRecord.PeakGigaflops(f32: 120, bf16: nil, int8: 400),
                    bandwidthGigabytesPerSecond: 12.5),
                model: "gerund-demo", load: .milliseconds(210), rows: [row, fast]),
            #"{"type":"bench","schema":1,"machine":{"cpu":"CPU","features":["avx2","fma"],"threads":2,"#
                + #""engine":"oneDNN 3.1","blas_core":"Haswell","peak_gflops":{"f32":120,"bf16":null,"int8":400},"#
                + #""bandwidth_gb_s":12.5},"model":"gerund-demo","load_ms":210.0,"rows":["#
                + #"{"mode":"exact","precision":"f32","refreshed_tokens":null,"label_count":16,"sources":1,"runs":20,"#
                + #""median_ms":40.125,"min_ms":39.000,"max_ms":44.000,"cold_start_ms":90.000,"#
                + #""roofline_ms":25.500,"rss_mb":800.5},"#
                + #"{"mode":"fast","precision":"f32","refreshed_tokens":1,"label_count":16,"sources":1,"runs":20,"#
                + #""median_ms":40.125,"min_ms":39.000,"max_ms":44.000,"cold_start_ms":90.000,"#
                + #""roofline_ms":null,"rss_mb":800.5}]}"#
        )
    }()

    /// Every record of the other commands.
    static let ofCommands: [(record: any RecordProtocol, line: String)] =
        [erased(classification), erased(threshold), erased(calibration), erased(bench)]
        + comparisons.map { erased($0) } + devices.map { erased($0) } + probes.map { erased($0) }

    private static func erased(_ sample: (record: some RecordProtocol, line: String)) -> (any RecordProtocol, String) {
        (sample.record, sample.line)
    }

    /// The lines of all records.
    static let lines: [String] = ofRuns.map(\.line) + ofCommands.map(\.line)
}
