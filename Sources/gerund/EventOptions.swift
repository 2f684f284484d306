import ArgumentParser
import GerundCheckpoint
import GerundEngine
import GerundEvents

/// What makes an event of scores.
struct EventOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The score above which an event starts, 0...1.", valueName: "score"))
    var enter: Double?

    @Option(help: ArgumentHelp("The score below which an event ends; at most --enter.", valueName: "score"))
    var exit: Double?

    @Option(help: ArgumentHelp("How long a label has to lead before it is an event.", valueName: "seconds"))
    var minDuration: Double?

    @Option(help: ArgumentHelp("The half-life of the scores' mean over time; 0 for none.", valueName: "seconds"))
    var smoothing: Double?

    @Option(help: ArgumentHelp("The longest pause inside one event.", valueName: "seconds"))
    var mergeGap: Double?

    @Option(
        help: ArgumentHelp(
            "How long after an event no other of the same label starts; default: 0.", valueName: "seconds"))
    var cooldown: Double?

    @Flag(help: "Give each label its own events, several at a time, instead of the leading one's alone.")
    var overlap = false

    @Option(
        help: ArgumentHelp(
            "Tell of an event that goes on so often, with its peak so far; by default never.", valueName: "seconds"))
    var updates: Double?

    func validate() throws {
        for (name, value) in [("--enter", self.enter), ("--exit", self.exit)] {
            if let value, !(0...1 ~= value) { throw ValidationError("\(name) has to be from 0 to 1, not \(value).") }
        }
        let durations = [
            ("--min-duration", self.minDuration), ("--smoothing", self.smoothing), ("--merge-gap", self.mergeGap),
            ("--cooldown", self.cooldown),
        ]
        for (name, value) in durations {
            if let value, !(0...3600 ~= value) {
                throw ValidationError("\(name) has to be from 0 to 3600 seconds, not \(value).")
            }
        }
        if let updates, !(0.1...3600 ~= updates) {
            throw ValidationError("--updates has to be from 0.1 to 3600 seconds, not \(updates).")
        }
    }

    func smoothing(for model: RecognitionModel) -> Duration {
        self.smoothing.map { .seconds($0) } ?? model.defaults.smoothing ?? .milliseconds(500)
    }

    /// - Throws: ``CommandFailure`` `usage`.
    func thresholds(for model: RecognitionModel) throws -> EventThresholds {
        let usual = EventThresholds()
        let enter = self.enter ?? model.defaults.enter ?? usual.enter
        let exit = self.exit ?? min(model.defaults.exit ?? usual.exit, enter)
        guard exit <= enter else {
            throw CommandFailure(status: .usage, message: "--exit \(exit) is above --enter \(enter): lower it")
        }
        return EventThresholds(
            enter: enter, exit: exit,
            minimumDuration: self.minDuration.map { .seconds($0) } ?? model.defaults.minimumDuration
                ?? usual.minimumDuration,
            mergeGap: self.mergeGap.map { .seconds($0) } ?? model.defaults.mergeGap ?? usual.mergeGap,
            cooldown: self.cooldown.map { .seconds($0) } ?? usual.cooldown, overlaps: self.overlap,
            updatePeriod: self.updates.map { .seconds($0) })
    }
}
