import Testing

/// What the program promises wherever it refuses to run, and wherever it reports events.
extension ChildProcess.Result {
    /// Expects an exit code, and one line on standard error that contains every one of `parts`.
    func expectRefused(
        exit code: Int32 = 3, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.ending == .exited(code), "\(self.errors)", sourceLocation: sourceLocation)
        #expect(self.errorLines.count == 1, "\(self.errors)", sourceLocation: sourceLocation)
        #expect(self.errors.hasPrefix("gerund: ") && self.errors.hasSuffix("\n"), sourceLocation: sourceLocation)
        for part in parts {
            #expect(self.errors.contains(part), "'\(part)' in: \(self.errors)", sourceLocation: sourceLocation)
        }
    }

    /// Expects that the run ended by itself and reported no error.
    func expectSuccess(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.ending == .exited(0), "\(self.errors)", sourceLocation: sourceLocation)
        #expect(self.errors == "", sourceLocation: sourceLocation)
    }
}

extension [OutputLine] {
    /// Expects at least one event, and one `ended` record for each `started` one, after it and with the same members.
    func expectClosedEvents(sourceLocation: SourceLocation = #_sourceLocation) {
        let events = self.ofType("event")
        #expect(!events.isEmpty, "no event at all", sourceLocation: sourceLocation)
        var open: [String: OutputLine.Members] = [:]
        for event in events {
            let id = event.id ?? ""
            #expect(id.wholeMatch(of: /[0-9A-HJKMNP-TV-Z]{26}/) != nil, "\(id)", sourceLocation: sourceLocation)
            switch event.phase {
            case "started":
                #expect(open.updateValue(event, forKey: id) == nil, "started twice", sourceLocation: sourceLocation)
            case "updated": #expect(open[id] != nil, "updated before its start", sourceLocation: sourceLocation)
            case "ended":
                let start = open.removeValue(forKey: id)
                #expect(start != nil, "ended before its start", sourceLocation: sourceLocation)
                #expect(
                    event.label == start?.label && event.source == start?.source && event.start == start?.start,
                    sourceLocation: sourceLocation)
                #expect((event.end ?? -1) >= (event.start ?? 0), sourceLocation: sourceLocation)
            default: Issue.record("phase \(event.phase ?? "missing")", sourceLocation: sourceLocation)
            }
        }
        #expect(open.isEmpty, "events without an end: \(open.keys)", sourceLocation: sourceLocation)
    }
}
