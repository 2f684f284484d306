import Foundation

// score-events TIMELINE RECORDS [TIMELINE RECORDS...]: scores the events in the JSON Lines of `gerund watch` against
// their timelines, over all pairs, and prints in one line: minutes, actions, events, matches, F1, true changes, label
// changes, label changes per true change, and the median error of starts in seconds (nan without a match). Built by
// `Tests/measure-events`, together with EventScore.swift and TimelineScore.swift.
let paths = CommandLine.arguments.dropFirst()
guard !paths.isEmpty, paths.count.isMultiple(of: 2) else {
    print("usage: score-events TIMELINE RECORDS [TIMELINE RECORDS...]")
    exit(2)
}
var total = EventScore()
var rest = paths
while let timeline = rest.popFirst(), let records = rest.popFirst() {
    total.add(
        try EventScore(
            jsonLines: String(contentsOfFile: records, encoding: .utf8),
            timeline: TimelineSegment.list(path: timeline)))
}
func decimals(_ value: Double) -> String { String(format: "%.3f", value) }
print(
    decimals(total.seconds / 60), total.actions, total.events, total.matches, decimals(total.f1), total.trueChanges,
    total.labelChanges, decimals(total.changeRatio), decimals(total.medianStartError ?? .nan))
