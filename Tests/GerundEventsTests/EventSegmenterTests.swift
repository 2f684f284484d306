import GerundCore
import GerundEvents
import GerundTesting
import Testing

@Suite("EventSegmenter")
struct EventSegmenterTests {
    /// Four windows a second; windows of two seconds; half a second to be an event; pauses of a second are bridged.
    private static func segmenter(
        minimum: Duration = .milliseconds(500), gap: Duration = .seconds(1), window: Duration = .seconds(2)
    ) -> EventSegmenter {
        EventSegmenter(
            thresholds: EventThresholds(minimumDuration: minimum, mergeGap: gap), windowExtent: window)
    }

    /// One window each quarter of a second, the first at 2 s: `a` and `b` are labels 0 and 1, anything else is no
    /// label.
    private func changes(
        _ windows: String, _ segmenter: EventSegmenter = Self.segmenter(), interrupted: Bool = false
    ) -> [EventSegmenter.Change] {
        var segmenter = segmenter
        var changes: [EventSegmenter.Change] = []
        var time = MediaTime(seconds: 2)
        for window in windows {
            let label: Int? = window == "a" ? 0 : window == "b" ? 1 : nil
            changes += segmenter.windowArrived(label: label, score: 0.8, at: time)
            time = time + .milliseconds(250)
        }
        return changes + segmenter.streamEnded(at: time - .milliseconds(250), isInterrupted: interrupted)
    }

    private func started(_ label: Int, _ start: Double) -> EventSegmenter.Change {
        .started(label: label, start: MediaTime(seconds: start), score: 0.8)
    }

    private func ended(_ label: Int, _ start: Double, _ end: Double, interrupted: Bool = false) -> EventSegmenter.Change
    {
        .ended(
            label: label, start: MediaTime(seconds: start), end: MediaTime(seconds: end), peak: 0.8,
            isInterrupted: interrupted)
    }

    // MARK: Examples

    @Test("Returns no changes without a leading label")
    func nothing() {
        #expect(self.changes("................").isEmpty)
        #expect(self.changes("").isEmpty)
    }

    @Test("Places both ends of an action half a window before the windows in which they were detected")
    func dating() {
        // First seen with the window at 3.0 s, no longer with the one at 4.5 s.
        #expect(self.changes("....aaaaaa......") == [self.started(0, 2), self.ended(0, 2, 3.5)])
    }

    @Test("Ignores a label that leads for less than the minimum duration")
    func tooShort() {
        #expect(self.changes("....aa......").isEmpty)
        #expect(self.changes("....aaa......") == [self.started(0, 2), self.ended(0, 2, 2.75)])
    }

    @Test("Makes one event of a label that pauses for less than the merge gap")
    func shortDip() {
        #expect(self.changes("....aaaa..aaaa......") == [self.started(0, 2), self.ended(0, 2, 4.5)])
        #expect(self.changes("....aaaa....aaaa......") == [self.started(0, 2), self.ended(0, 2, 5)])
    }

    @Test("Makes two events of a label that pauses for longer than the merge gap")
    func longDip() {
        #expect(
            self.changes("....aaaa.....aaaa......") == [
                self.started(0, 2), self.ended(0, 2, 3), self.started(0, 4.25), self.ended(0, 4.25, 5.25),
            ])
    }

    @Test("Makes two events if there is no window during the pause")
    func pauseWithoutWindows() {
        var segmenter = Self.segmenter()
        var changes: [EventSegmenter.Change] = []
        for time in [2.0, 3, 4, 5] {
            changes += segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: time))
        }
        changes += segmenter.windowArrived(label: nil, score: 0, at: MediaTime(seconds: 5.25))
        changes += segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 6.5))
        #expect(changes == [self.started(0, 0), self.ended(0, 0, 4.25)])
        changes = segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 7))
        #expect(changes == [self.started(0, 5.5)])
    }

    @Test("Ends an event where another label takes over, without waiting for the merge gap")
    func takeover() {
        #expect(
            self.changes("....aaaaabbbbb") == [
                self.started(0, 2), self.ended(0, 2, 3.25), self.started(1, 3.25), self.ended(1, 3.25, 5.25),
            ])
    }

    @Test("Keeps an event whole if another label leads for a moment")
    func flash() {
        #expect(self.changes("....aaaabbaaaa......") == [self.started(0, 2), self.ended(0, 2, 4.5)])
    }

    @Test("Starts an event that is ongoing in the first window at the first frame")
    func firstWindow() {
        #expect(self.changes("aaaaa......") == [self.started(0, 0), self.ended(0, 0, 2.25)])
    }

    @Test("Ends an ongoing event with the last frame of the stream")
    func endOfStream() {
        #expect(self.changes("....aaaa") == [self.started(0, 2), self.ended(0, 2, 3.75)])
        #expect(
            self.changes("....aaaa", interrupted: true) == [
                self.started(0, 2), self.ended(0, 2, 3.75, interrupted: true),
            ])
    }

    @Test("Does not mark an event as interrupted whose label had ceased to lead before the stream ended")
    func endDuringPause() {
        #expect(self.changes("....aaaa..", interrupted: true) == [self.started(0, 2), self.ended(0, 2, 3)])
    }

    @Test("Starts over after a break: earlier windows neither count nor merge")
    func breakOfStream() {
        var segmenter = Self.segmenter()
        var changes: [EventSegmenter.Change] = []
        for time in [2, 2.25, 2.5] {
            changes += segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: time))
        }
        changes += segmenter.streamEnded(at: MediaTime(seconds: 2.6), isInterrupted: true)
        #expect(changes == [self.started(0, 0), self.ended(0, 0, 2.6, interrupted: true)])
        changes = segmenter.streamEnded(at: MediaTime(seconds: 2.6), isInterrupted: true)
        for time in [4.7, 4.95, 5.2] {
            changes += segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: time))
        }
        #expect(changes == [self.started(0, 2.7)])
    }

    @Test("Starts the second of two labels if the first one led too briefly before it")
    func secondCandidate() {
        #expect(self.changes("....aabbbb....") == [self.started(1, 2.5), self.ended(1, 2.5, 3.5)])
    }

    @Test("Does not count windows before a break toward the minimum duration")
    func candidateBeforeBreak() {
        var segmenter = Self.segmenter()
        for time in [2, 2.25, 2.5] {
            #expect(segmenter.windowArrived(label: nil, score: 0, at: MediaTime(seconds: time)) == [])
        }
        #expect(segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 2.75)) == [])
        #expect(segmenter.streamEnded(at: MediaTime(seconds: 2.75), isInterrupted: true) == [])
        #expect(segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 5)) == [])
        #expect(segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 5.5)) == [self.started(0, 3)])
    }

    @Test("Starts no event before the last break, and ends none before its start")
    func limits() {
        var segmenter = Self.segmenter(minimum: .zero, gap: .zero)
        #expect(segmenter.windowArrived(label: nil, score: 0, at: MediaTime(seconds: 2)) == [])
        #expect(segmenter.streamEnded(at: MediaTime(seconds: 2.75), isInterrupted: true) == [])
        #expect(segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 3)) == [self.started(0, 2.75)])
        // Half a window before 3.25 s lies before the start.
        #expect(segmenter.windowArrived(label: nil, score: 0, at: MediaTime(seconds: 3.25)) == [])
        #expect(
            segmenter.streamEnded(at: MediaTime(seconds: 3.25), isInterrupted: false) == [self.ended(0, 2.75, 2.75)])
    }

    @Test("Reports the highest score as the peak, including windows before the start was certain")
    func peak() {
        var segmenter = Self.segmenter(minimum: .milliseconds(500))
        var changes: [EventSegmenter.Change] = []
        for (index, score) in [0.7, 0.95, 0.8, 0.9].enumerated() {
            changes += segmenter.windowArrived(label: 0, score: score, at: MediaTime(seconds: 2 + 0.25 * Double(index)))
        }
        changes += segmenter.streamEnded(at: MediaTime(seconds: 3), isInterrupted: false)
        let (start, end) = (MediaTime.zero, MediaTime(seconds: 3))
        #expect(
            changes == [
                .started(label: 0, start: start, score: 0.8),
                .ended(label: 0, start: start, end: end, peak: 0.95, isInterrupted: false),
            ])
    }

    @Test("Makes an event of every window with a minimum duration and a merge gap of zero")
    func noMinimum() {
        let segmenter = Self.segmenter(minimum: .zero, gap: .zero)
        #expect(
            self.changes("....a.a.", segmenter) == [
                self.started(0, 2), self.ended(0, 2, 2.25), self.started(0, 2.5), self.ended(0, 2.5, 2.75),
            ])
    }

    @Test("Locates an ideal change of labels to within one sampling interval", arguments: 0..<300)
    func idealDating(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let period = Duration.milliseconds(Int64.random(in: 40...500, using: &random))
        let window = period * Int.random(in: 2...24, using: &random)
        let minimum = period * Int.random(in: 0...3, using: &random)
        let start = MediaTime(seconds: 20 + Double.random(in: 0...5, using: &random))
        let end = start + minimum + window + .milliseconds(Int64.random(in: 1000...20_000, using: &random))
        var segmenter = Self.segmenter(minimum: minimum, gap: .seconds(1), window: window)
        var changes: [EventSegmenter.Change] = []
        var time = MediaTime.zero + window
        while time < end + .seconds(30) {
            // A window shows what its middle shows.
            let middle = time - window / 2
            changes += segmenter.windowArrived(label: middle >= start && middle < end ? 0 : nil, score: 1, at: time)
            time = time + period
        }
        guard changes.count == 2, case .ended(_, let foundStart, let foundEnd, _, _) = changes[1] else {
            Issue.record("seed \(seed): \(changes)")
            return
        }
        #expect(foundStart >= start && foundStart - start <= period, "seed \(seed)")
        #expect(foundEnd >= end && foundEnd - end <= period, "seed \(seed)")
    }

    @Test("Locates an ideal change to within one sampling interval with smoothed scores, too", arguments: 0..<300)
    func smoothedDating(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let period = Duration.milliseconds(Int64.random(in: 40...500, using: &random))
        let window = period * Int.random(in: 2...24, using: &random)
        let halfLife = window * Double.random(in: 0...0.5, using: &random)
        let start = MediaTime(seconds: 20 + Double.random(in: 0...5, using: &random))
        // Long enough for the smoothed score to reach its height.
        let end = start + halfLife * 12 + .milliseconds(Int64.random(in: 1000...20_000, using: &random))
        let thresholds = EventThresholds(startThreshold: 0.5, endThreshold: 0.5, minimumDuration: .zero)
        var smoother = ScoreSmoother(halfLife: halfLife)
        var leading = LabelHysteresis(thresholds: thresholds)
        var segmenter = EventSegmenter(thresholds: thresholds, windowExtent: window, smoothingHalfLife: halfLife)
        var changes: [EventSegmenter.Change] = []
        var time = MediaTime.zero + window
        while time < end + .seconds(60) {
            let middle = time - window / 2
            let scores = smoother.scoresArrived([middle >= start && middle < end ? 1 : 0], at: time)
            let label = leading.scoresArrived(scores, at: time)
            changes += segmenter.windowArrived(label: label, score: scores[0], at: time)
            time = time + period
        }
        guard changes.count == 2, case .ended(_, let foundStart, let foundEnd, _, _) = changes[1] else {
            Issue.record("seed \(seed): \(changes)")
            return
        }
        #expect(max(foundStart - start, start - foundStart) <= period, "seed \(seed)")
        #expect(max(foundEnd - end, end - foundEnd) <= period, "seed \(seed)")
    }

    @Test("Places nothing before the oldest frame of the window, however strong the smoothing is")
    func muchSmoothing() {
        let segmenter = EventSegmenter(
            thresholds: EventThresholds(), windowExtent: .seconds(2), smoothingHalfLife: .seconds(60))
        #expect(self.changes("....aaaaaa......", segmenter) == [self.started(0, 1), self.ended(0, 1, 2.5)])
    }

    @Test(
        "Starts an event only of a label that stays above its start threshold, and continues one between the thresholds"
    )
    func betweenLevels() {
        func changes(_ scores: [Double]) -> [EventSegmenter.Change] {
            var segmenter = Self.segmenter()
            return scores.enumerated().flatMap { index, score in
                segmenter.windowArrived(
                    label: 0, score: score, at: MediaTime(seconds: 2 + 0.25 * Double(index)),
                    isAboveStartThreshold: score > 0.6)
            }
        }
        #expect(changes([0.8, 0.8, 0.5, 0.8, 0.8, 0.5, 0.5]) == [])
        #expect(
            changes([0.8, 0.5, 0.8, 0.8, 0.8, 0.5, 0.5]) == [
                .started(label: 0, start: MediaTime(seconds: 1.5), score: 0.8)
            ])
    }

    // MARK: Properties

    /// From the scores of windows to events.
    private struct Chain {
        private var smoother: ScoreSmoother
        private var leading: LabelHysteresis
        private var segmenter: EventSegmenter

        init(_ script: Script) {
            self.smoother = ScoreSmoother(halfLife: script.halfLife)
            self.leading = LabelHysteresis(thresholds: script.thresholds)
            self.segmenter = EventSegmenter(
                thresholds: script.thresholds, windowExtent: script.window, smoothingHalfLife: script.halfLife)
        }

        mutating func take(_ step: Script.Step) -> [EventSegmenter.Change] {
            switch step {
            case .window(let scores, let time):
                let smoothed = self.smoother.scoresArrived(scores, at: time)
                let label = self.leading.scoresArrived(smoothed, at: time)
                let score = label.map { smoothed[$0] } ?? 0
                return self.segmenter.windowArrived(
                    label: label, score: score, at: time, isAboveStartThreshold: score > Script.enter)
            case .end(let time, let isInterrupted):
                self.smoother.reset()
                self.leading.reset()
                return self.segmenter.streamEnded(at: time, isInterrupted: isInterrupted)
            }
        }
    }

    /// One source's windows and breaks, at random.
    ///
    /// In every third, all labels are nearly as likely as each other and take turns.
    private struct Script: CustomStringConvertible {
        enum Step {
            case window([Double], at: MediaTime)
            case end(at: MediaTime, isInterrupted: Bool)
        }

        static let enter = 0.6

        var steps: [Step] = []
        let thresholds: EventThresholds
        let window: Duration
        let halfLife: Duration

        init(seed: Int) {
            var random = SplitMix64(seed: UInt64(seed))
            let labelCount = Int.random(in: 1...4, using: &random)
            let period = Duration.milliseconds(Int64.random(in: 20...1000, using: &random))
            self.window = period * Int.random(in: 0...16, using: &random)
            self.thresholds = EventThresholds(
                startThreshold: Self.enter, endThreshold: 0.4,
                minimumDuration: period * Int.random(in: 0...6, using: &random),
                mergeGap: period * Int.random(in: 0...6, using: &random),
                cooldown: seed % 2 == 0 ? .zero : period * Int.random(in: 1...12, using: &random),
                updateInterval: seed % 4 < 2 ? nil : period * Int.random(in: 1...8, using: &random))
            var time = MediaTime.zero + self.window
            self.halfLife = period * Int.random(in: 0...2, using: &random)
            let takesTurns = seed % 3 == 0
            var level = 0.5
            var scores = [Double](repeating: 0, count: labelCount)
            for _ in 0..<Int.random(in: 1...120, using: &random) {
                if Int.random(in: 0..<4, using: &random) == 0 { level = Double.random(in: 0...1, using: &random) }
                if takesTurns {
                    scores = scores.map { _ in min(level + Double.random(in: 0...0.02, using: &random), 1) }
                } else if Int.random(in: 0..<4, using: &random) == 0 {
                    scores = scores.map { _ in Double.random(in: 0...1, using: &random) }
                }
                self.steps.append(.window(scores, at: time))
                let pause = Int.random(in: 0..<10, using: &random) == 0 ? Int.random(in: 2...9, using: &random) : 1
                if Int.random(in: 0..<40, using: &random) == 0 {
                    let isInterrupted = Bool.random(using: &random)
                    self.steps.append(.end(at: time, isInterrupted: isInterrupted))
                    time = time + self.window
                }
                time = time + period * pause
            }
            self.steps.append(.end(at: time, isInterrupted: false))
        }

        func run() -> [EventSegmenter.Change] {
            var chain = Chain(self)
            return self.steps.flatMap { chain.take($0) }
        }

        func runOverlapping() -> [EventSegmenter.Change] {
            var smoother = ScoreSmoother(halfLife: self.halfLife)
            var events = MultiLabelEventSegmenter(
                thresholds: self.thresholds, labels: ["a", "b", "c", "d"], windowExtent: self.window,
                smoothingHalfLife: self.halfLife)
            return self.steps.flatMap { step in
                switch step {
                case .window(let scores, let time):
                    let all = scores + [Double](repeating: 0, count: 4 - scores.count)
                    return events.windowArrived(smoother.scoresArrived(all, at: time), at: time)
                case .end(let time, let isInterrupted):
                    smoother.reset()
                    return events.streamEnded(at: time, isInterrupted: isInterrupted)
                }
            }
        }

        var description: String {
            let rules = "\(self.thresholds), window \(self.window), half-life \(self.halfLife)"
            return ([rules] + self.steps.map { "\($0)" }).joined(separator: "\n")
        }

        var breaks: [MediaTime] {
            self.steps.compactMap { if case .end(let time, _) = $0 { time } else { nil } }
        }
    }

    /// The invariants of the events of one source, or of one label of it if events may overlap.
    private struct Promises {
        let script: Script
        private var open: (label: Int, start: MediaTime, peak: Double)?
        private var last: (label: Int, end: MediaTime)?
        private var ends: [Int: MediaTime] = [:]
        private(set) var eventCount = 0
        private(set) var updateCount = 0

        init(_ script: Script) { self.script = script }

        /// - Returns: Which promise the change breaks.
        mutating func broken(by change: EventSegmenter.Change) -> String? {
            let thresholds = self.script.thresholds
            switch change {
            case .started(let label, let start, let score):
                if self.open != nil { return "a start while an event is open" }
                if let last, start < last.end { return "events overlap" }
                if let end = self.ends[label] {
                    let isBroken = self.script.breaks.contains { $0 >= end && $0 <= start }
                    if self.last?.label == label, !isBroken, start - end <= thresholds.mergeGap {
                        return "a pause within the merge gap made two events"
                    }
                    if start - end < thresholds.cooldown { return "a start within the cooldown" }
                }
                if start < .zero { return "a start before the first frame" }
                if !(score > thresholds.startThreshold) { return "a start with a score of \(score)" }
                self.open = (label, start, 0)
            case .updated(let label, let start, let peak):
                guard let open, open.label == label, open.start == start else { return "an update without its start" }
                if peak < open.peak { return "a peak that falls" }
                self.open?.peak = peak
                self.updateCount += 1
            case .ended(let label, let start, let end, let peak, let isInterrupted):
                guard let open = self.open.take(), open.label == label, open.start == start else {
                    return "an end without its start"
                }
                if end < start { return "an end before the start" }
                if end - start < thresholds.minimumDuration, !isInterrupted { return "an event of \(end - start)" }
                if !(peak > thresholds.startThreshold) || peak < open.peak { return "a peak of \(peak)" }
                self.last = (label, end)
                self.ends[label] = end
                self.eventCount += 1
            }
            return nil
        }

        var isOpen: Bool { self.open != nil }
    }

    /// The seeds of a run of scripts.
    private static let batches = (0..<40).map { $0 * 100..<($0 + 1) * 100 }

    @Test("Keeps its promises for any scores", arguments: Self.batches)
    func promises(seeds: Range<Int>) {
        var (eventCount, updateCount) = (0, 0)
        for seed in seeds {
            let script = Script(seed: seed)
            var promises = Promises(script)
            for change in script.run() {
                if let broken = promises.broken(by: change) { Issue.record("seed \(seed): \(broken)\n\(script)") }
            }
            #expect(!promises.isOpen, "seed \(seed): a start without its end\n\(script)")
            eventCount += promises.eventCount
            updateCount += promises.updateCount
        }
        #expect(eventCount > 50 && updateCount > 10, "\(eventCount) events, \(updateCount) updates")
    }

    @Test("Keeps its promises for each label if events may overlap", arguments: Self.batches)
    func overlappingPromises(seeds: Range<Int>) {
        var (eventCount, overlapCount) = (0, 0)
        for seed in seeds {
            let script = Script(seed: seed)
            var promises = (0..<4).map { _ in Promises(script) }
            for change in script.runOverlapping() {
                let label = change.label
                if let broken = promises[label].broken(by: change) {
                    Issue.record("seed \(seed), label \(label): \(broken)\n\(script)")
                }
                if case .started = change, promises.count(where: \.isOpen) > 1 { overlapCount += 1 }
            }
            #expect(promises.allSatisfy { !$0.isOpen }, "seed \(seed): a start without its end\n\(script)")
            eventCount += promises.reduce(0) { $0 + $1.eventCount }
        }
        #expect(eventCount > 50 && overlapCount > 2, "\(eventCount) events, \(overlapCount) overlapping")
    }

    @Test("Starts no event of a label within its cooldown, and one at its end if the action goes on")
    func cooldown() {
        let segmenter = EventSegmenter(
            thresholds: EventThresholds(
                minimumDuration: .milliseconds(500), mergeGap: .milliseconds(250), cooldown: .seconds(3)),
            windowExtent: .seconds(2))
        // The first ends at 3.0 s; from 6.0 s on another may start.
        #expect(
            self.changes("....aaaa....aaaa....aaaaaaa......", segmenter) == [
                self.started(0, 2), self.ended(0, 2, 3), self.started(0, 6), self.ended(0, 6, 7.75),
            ])
        // Another label has its own.
        #expect(
            self.changes("....aaaa...bbbb....", segmenter) == [
                self.started(0, 2), self.ended(0, 2, 3), self.started(1, 3.75), self.ended(1, 3.75, 4.75),
            ])
    }

    @Test("Emits updates of an ongoing event at the update interval while its label leads, with the peak so far")
    func updates() {
        var segmenter = EventSegmenter(
            thresholds: EventThresholds(mergeGap: .seconds(2), updateInterval: .seconds(1)), windowExtent: .seconds(2))
        var updates: [MediaTime: EventSegmenter.Change] = [:]
        for (index, window) in "....aaaaaaaaaaa....aaaa........".enumerated() {
            let time = MediaTime(seconds: 2 + 0.25 * Double(index))
            let score = 0.7 + 0.01 * Double(index)
            for change in segmenter.windowArrived(label: window == "a" ? 0 : nil, score: score, at: time) {
                if case .updated = change { updates[time] = change }
            }
        }
        // The start was reported with the window at 3.5 s; from 5.75 to 6.75 s no label leads.
        #expect(updates.keys.sorted() == [4.5, 5.5, 6.75].map { MediaTime(seconds: $0) })
        #expect(
            updates[MediaTime(seconds: 4.5)] == .updated(label: 0, start: MediaTime(seconds: 2), peak: 0.7 + 0.01 * 10))
    }

    @Test("Ends the event of a removed label half a window before the newest frame, as interrupted")
    func goneLabel() {
        var segmenter = Self.segmenter()
        var changes: [EventSegmenter.Change] = []
        for window in 0..<4 {
            changes += segmenter.windowArrived(label: 1, score: 0.8, at: MediaTime(seconds: 2 + 0.25 * Double(window)))
        }
        changes += segmenter.reconfigure(
            thresholds: EventThresholds(), smoothingHalfLife: .zero, newIndices: [0, nil], at: MediaTime(seconds: 2.75))
        #expect(changes == [self.started(1, 0), self.ended(1, 0, 1.75, interrupted: true)])
        #expect(segmenter.streamEnded(at: MediaTime(seconds: 3), isInterrupted: true) == [])
    }

    @Test("Does not apply the cooldown of a removed label to the one that takes its index")
    func cooldownOfGoneLabel() {
        let thresholds = EventThresholds(minimumDuration: .zero, cooldown: .seconds(60))
        var segmenter = EventSegmenter(thresholds: thresholds, windowExtent: .seconds(2))
        _ = segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 2))
        _ = segmenter.reconfigure(
            thresholds: thresholds, smoothingHalfLife: .zero, newIndices: [nil], at: MediaTime(seconds: 2))
        let changes = segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 4))
        #expect(changes == [self.started(0, 3)])
    }

    @Test("Continues the event of a label that stays, under its new index")
    func keptLabel() {
        var segmenter = Self.segmenter()
        for window in 0..<4 {
            _ = segmenter.windowArrived(label: 1, score: 0.8, at: MediaTime(seconds: 2 + 0.25 * Double(window)))
        }
        let changes = segmenter.reconfigure(
            thresholds: EventThresholds(), smoothingHalfLife: .zero, newIndices: [nil, 0], at: MediaTime(seconds: 2.75))
        #expect(changes == [])
        #expect(segmenter.windowArrived(label: 0, score: 0.8, at: MediaTime(seconds: 3)) == [])
        let ends = segmenter.streamEnded(at: MediaTime(seconds: 3), isInterrupted: false)
        #expect(ends == [self.ended(0, 0, 3)])
    }

    @Test("Keeps its promises while labels are added and removed", arguments: 0..<500)
    func comingAndGoing(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let period = Duration.milliseconds(Int64.random(in: 20...1000, using: &random))
        let thresholds = EventThresholds(
            minimumDuration: period * Int.random(in: 0...4, using: &random),
            mergeGap: period * Int.random(in: 0...4, using: &random))
        let window = period * Int.random(in: 0...8, using: &random)
        var smoother = ScoreSmoother(halfLife: period * Int.random(in: 0...2, using: &random))
        var leading = LabelHysteresis(thresholds: thresholds)
        var segmenter = EventSegmenter(thresholds: thresholds, windowExtent: window)
        var (names, nameCount, time) = ([0, 1], 2, MediaTime.zero + window)
        var (open, earliest) = ((name: Int, start: MediaTime)?.none, MediaTime.zero)

        func check(_ changes: [EventSegmenter.Change], _ names: [Int]) {
            for change in changes {
                switch change {
                case .started(let label, let start, _):
                    #expect(open == nil && start >= earliest, "seed \(seed): \(changes)")
                    open = (names[label], start)
                case .updated:
                    break
                case .ended(let label, let start, let end, _, let isInterrupted):
                    #expect(
                        open?.name == names[label] && open?.start == start && end >= start, "seed \(seed): \(changes)")
                    #expect(isInterrupted || end - start >= thresholds.minimumDuration, "seed \(seed): \(changes)")
                    (open, earliest) = (nil, end)
                }
            }
        }
        for _ in 0..<200 {
            if Int.random(in: 0..<6, using: &random) == 0 {
                let old = names
                names = (names.filter { _ in Bool.random(using: &random) } + [nameCount]).shuffled(using: &random)
                nameCount += 1
                let newIndices = old.map { names.firstIndex(of: $0) }
                smoother.reconfigure(halfLife: .zero, newIndices: newIndices, labelCount: names.count)
                leading.reconfigure(thresholds: thresholds, labels: names.map(String.init), newIndices: newIndices)
                check(
                    segmenter.reconfigure(
                        thresholds: thresholds, smoothingHalfLife: .zero, newIndices: newIndices, at: time),
                    old)
                if let open { #expect(names.contains(open.name), "seed \(seed)") }
            }
            time = time + period
            let scores = smoother.scoresArrived(
                names.map { _ in Double.random(in: 0.4...1, using: &random) }, at: time)
            let label = leading.scoresArrived(scores, at: time)
            let score = label.map { scores[$0] } ?? 0
            check(
                segmenter.windowArrived(
                    label: label, score: score, at: time, isAboveStartThreshold: score > thresholds.startThreshold),
                names)
        }
        check(segmenter.streamEnded(at: time, isInterrupted: false), names)
        #expect(open == nil, "seed \(seed)")
    }

    @Test("Makes one event of two labels that alternate in being the most likely")
    func turns() {
        for (low, high) in [(0.7, 0.75), (0.9, 0.93), (0.99, 0.992)] {
            var leading = LabelHysteresis(thresholds: EventThresholds())
            var segmenter = Self.segmenter()
            var (changes, time) = ([EventSegmenter.Change](), MediaTime(seconds: 2))
            for window in 0..<40 {
                let scores = window % 2 == 0 ? [low, high] : [high, low]
                let label = leading.scoresArrived(scores, at: time)
                changes += segmenter.windowArrived(label: label, score: label.map { scores[$0] } ?? 0, at: time)
                time = time + .milliseconds(250)
            }
            changes += segmenter.streamEnded(at: time, isInterrupted: false)
            #expect(
                changes == [
                    .started(label: 1, start: .zero, score: high),
                    .ended(label: 1, start: .zero, end: time, peak: high, isInterrupted: false),
                ])
        }
    }

    @Test("Is a value: a copy that is advanced leaves the original unchanged")
    func copies() {
        for seed in 0..<100 {
            let script = Script(seed: seed)
            var chain = Chain(script)
            var changes: [EventSegmenter.Change] = []
            for (index, step) in script.steps.enumerated() {
                // Advanced ahead of the original, as the check of a doubtful start does.
                var copy = chain
                for step in script.steps[index...].prefix(5) { _ = copy.take(step) }
                changes += chain.take(step)
            }
            #expect(changes == script.run(), "seed \(seed)")
        }
    }
}

extension EventSegmenter.Change {
    fileprivate var label: Int {
        switch self {
        case .started(let label, _, _), .updated(let label, _, _), .ended(let label, _, _, _, _): label
        }
    }
}
