import Foundation

// score TIMELINE RECORDS: scores the JSON Lines of `gerund watch` against a timeline and prints four numbers, the
// windows wholly inside one action, those with the right label, the actions of at least three seconds and those with an
// event; then the missed actions. Built by `Tests/measure-accuracy`, together with TimelineScore.swift.
let arguments = CommandLine.arguments
guard arguments.count == 3 else { fatalError("usage: score TIMELINE RECORDS") }
let timeline = try TimelineSegment.list(path: arguments[1])
let records = try String(contentsOfFile: arguments[2], encoding: .utf8)
let score = try TimelineScore(jsonLines: records, timeline: timeline)
let missed = score.missed.map { "\($0.label)@\($0.start)" }.joined(separator: ", ")
print(score.windows, score.rightWindows, score.actions, score.foundActions, missed)
