import FoundationEssentials
import GerundCore
import GerundEvents
import Testing

@Suite("A record's line")
struct RecordTests {
    /// 2026-11-23T18:20:12.250Z
    private static let time = Date(timeIntervalSince1970: 1_795_458_012.25)
    private static let door = SourceID("door")

    @Test("of a run says what is running")
    func run() {
        let record = RunRecord(
            version: "0.1.0", model: "gerund-demo", checksum: "sha256:00ff", labels: ["waving a hand", "\"quoted\""],
            background: ["an empty room"], span: 2, rate: 4, frames: 8, mode: "auto", precision: "bf16",
            time: Self.time)
        #expect(
            Record.run(record).jsonLine
                == #"{"type":"run","version":"0.1.0","model":"gerund-demo","checksum":"sha256:00ff","#
                + #""labels":["waving a hand","\"quoted\""],"background":["an empty room"],"span":2.000,"rate":4.000,"#
                + #""frames":8,"mode":"auto","precision":"bf16","time":"2026-11-23T18:20:12.250Z"}"#)
    }

    @Test("of a label says what a window shows")
    func label() {
        let record = LabelRecord(
            source: Self.door, t: MediaTime(seconds: 12.25), time: Self.time, label: "waving a hand", score: 0.93,
            top: [ScoredLabel(label: "waving a hand", score: 0.93), ScoredLabel(label: "clapping", score: 0.05)],
            mode: "exact", latency: .microseconds(41_240))
        #expect(
            Record.label(record).jsonLine
                == #"{"type":"label","source":"door","t":12.250,"time":"2026-11-23T18:20:12.250Z","#
                + #""label":"waving a hand","score":0.930,"top":[["waving a hand",0.930],["clapping",0.050]],"#
                + #""mode":"exact","latency_ms":41.2}"#)
    }

    @Test("of an event's start carries the score that made it certain")
    func eventStart() {
        let record = EventRecord(
            phase: .start(score: 0.88), id: "01J00000000000000000000000", source: Self.door, label: "falling down",
            start: MediaTime(seconds: 41), time: Self.time)
        #expect(
            Record.event(record).jsonLine
                == #"{"type":"event","phase":"start","id":"01J00000000000000000000000","source":"door","#
                + #""label":"falling down","start":41.000,"time":"2026-11-23T18:20:12.250Z","score":0.880}"#)
    }

    @Test("of an event's end carries both times and the peak, and tells when it was interrupted")
    func eventEnd() {
        func line(isInterrupted: Bool) -> String {
            let record = EventRecord(
                phase: .end(MediaTime(seconds: 43.25), peak: 0.97, isInterrupted: isInterrupted),
                id: "01J00000000000000000000000", source: Self.door, label: "falling down",
                start: MediaTime(seconds: 41), time: Self.time)
            return Record.event(record).jsonLine
        }
        let beginning =
            #"{"type":"event","phase":"end","id":"01J00000000000000000000000","source":"door","#
            + #""label":"falling down","start":41.000,"end":43.250,"peak":0.970,"#
        #expect(line(isInterrupted: false) == beginning + #""time":"2026-11-23T18:20:12.250Z"}"#)
        #expect(line(isInterrupted: true) == beginning + #""interrupted":true,"time":"2026-11-23T18:20:12.250Z"}"#)
    }

    @Test("of an event that goes on carries its id and the peak so far")
    func eventUpdate() {
        let record = EventRecord(
            phase: .update(peak: 0.97), id: "01J00000000000000000000000", source: Self.door, label: "falling down",
            start: MediaTime(seconds: 41), time: Self.time)
        #expect(
            Record.event(record).jsonLine
                == #"{"type":"event","phase":"update","id":"01J00000000000000000000000","source":"door","#
                + #""label":"falling down","start":41.000,"peak":0.970,"time":"2026-11-23T18:20:12.250Z"}"#)
    }

    @Test(
        "of a source tells each state",
        arguments: [
            (
                SourceRecord.State.open(codec: "h264", width: 640, height: 360, rate: 25),
                #""state":"open","codec":"h264","width":640,"height":360,"rate":25.000"#
            ),
            (
                .open(codec: "mjpeg", width: 1, height: 2, rate: nil),
                #""state":"open","codec":"mjpeg","width":1,"height":2"#
            ),
            (
                .lost(reason: "no packet for 10 s", retry: .seconds(2)),
                #""state":"lost","reason":"no packet for 10 s","retry_s":2.0"#
            ),
            (
                .degraded(mode: "fast", rate: 2, dropping: 0.5),
                #""state":"degraded","mode":"fast","rate":2.000,"dropping":0.500"#
            ),
            (.recovered(mode: "exact", rate: 4), #""state":"recovered","mode":"exact","rate":4.000"#),
            (.warming, #""state":"warming""#), (.ended, #""state":"ended""#),
            (.failed(reason: "no such file"), #""state":"failed","reason":"no such file""#),
        ])
    func source(state: SourceRecord.State, members: String) {
        let line = Record.source(SourceRecord(source: Self.door, state: state, time: Self.time)).jsonLine
        #expect(line == #"{"type":"source","source":"door","# + members + #","time":"2026-11-23T18:20:12.250Z"}"#)
    }

    @Test("of dropped frames tells since when, by the clock and in media time")
    func dropped() {
        let record = DroppedRecord(
            source: Self.door, frames: 3, since: Self.time - 1.5, t: MediaTime(seconds: 7.5), time: Self.time)
        #expect(
            Record.dropped(record).jsonLine
                == #"{"type":"dropped","source":"door","frames":3,"since":"2026-11-23T18:20:10.750Z","t":7.500,"#
                + #""time":"2026-11-23T18:20:12.250Z"}"#)
    }

    @Test("of an audit tells the bound, what it covers, and the sample that it is made of")
    func audit() {
        let record = AuditRecord(
            source: Self.door, t: MediaTime(seconds: 500), windows: 1200, flips: 3, largestChange: 0.12345,
            bound: 0.0214,
            coverage: 0.95, sample: 1000, time: Self.time)
        #expect(
            Record.audit(record).jsonLine
                == #"{"type":"audit","source":"door","t":500.000,"windows":1200,"flips":3,"largest_change":0.1235,"#
                + #""bound":0.0214,"coverage":0.95,"sample":1000,"time":"2026-11-23T18:20:12.250Z"}"#)
        #expect(Record.audit(record).isLogged)
    }

    @Test("of a source's end counts")
    func end() {
        let record = EndRecord(source: Self.door, frames: 1000, windows: 312, dropped: 0)
        #expect(
            Record.end(record).jsonLine == #"{"type":"end","source":"door","frames":1000,"windows":312,"dropped":0}"#)
    }

    @Test("of a live source's end tells also what was given up and how long frames waited")
    func liveEnd() {
        var waits = EndRecord.Waits()
        (waits.queued, waits.queue, waits.engine) = (3, .milliseconds(712), .microseconds(41_240))
        let record = EndRecord(
            source: Self.door, frames: 1000, windows: 312, dropped: 2, skipped: 40, waits: waits)
        #expect(
            Record.end(record).jsonLine
                == #"{"type":"end","source":"door","frames":1000,"windows":312,"dropped":2,"skipped":40,"#
                + #""queued_max":3,"queue_ms_max":712.0,"engine_ms_max":41.2}"#)
    }

    @Test(
        "dates to the millisecond in UTC",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_795_458_012.001, "2026-11-23T18:20:12.001Z"), (1_798_761_599.999, "2026-12-31T23:59:59.999Z"),
        ])
    func dates(seconds: Double, text: String) {
        let record = SourceRecord(source: Self.door, state: .ended, time: Date(timeIntervalSince1970: seconds))
        #expect(Record.source(record).jsonLine.hasSuffix(#""time":"\#(text)"}"#))
    }
}
