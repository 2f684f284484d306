import GerundCore
import GerundEvents
import GerundTensor

extension ModeComparison.Result {
    /// What is refreshed, as the user names it.
    var refreshName: String { self.way.refresh == .max ? "all" : "\(self.way.refresh)" }

    /// One line of JSON without its end.
    ///
    /// `{"type":"comparison","precision":"f32","refresh":"1","windows":193,"flips":6,"same":0.96891,"sure":120,…}`
    public var jsonLine: String {
        var json = JSONLine(type: "comparison")
        json.add("precision", self.way.precision.rawValue)
        json.add("refresh", self.refreshName)
        json.add("windows", self.tally.windows)
        json.add("flips", self.tally.audit.flips)
        json.add("same", Self.share(self.tally.same, of: self.tally.windows), decimals: 5)
        json.add("sure", self.tally.sure)
        json.add("sure_same", Self.share(self.tally.sureSame, of: self.tally.sure), decimals: 5)
        if self.tally.known > 0 {
            json.add("known", self.tally.known)
            json.add("right", Self.share(self.tally.right, of: self.tally.known), decimals: 5)
        }
        json.add("mean_change", self.tally.audit.meanChange, decimals: 5)
        json.add("largest_change", self.tally.audit.largestChange, decimals: 5)
        json.add("bound", self.tally.audit.bound(coverage: AuditTally.toldCoverage), decimals: 5)
        json.add("coverage", AuditTally.toldCoverage, decimals: 2)
        return json.finished()
    }

    private static func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}

extension ModeComparison {
    /// A table for people.
    public var text: String {
        guard let first = self.results.first?.tally else { return "" }
        let head = """
            \(first.windows) windows, the exact ones in float32 as the reference; it is sure in \(first.sure) of them.

            precision  refresh   same label   where sure        right     flips   mean change   largest   95 % within

            """
        let rows = self.results.map { result in
            let tally = result.tally
            let figures = [
                Self.percent(tally.same, of: tally.windows), Self.percent(tally.sureSame, of: tally.sure),
                Self.percent(tally.right, of: tally.known), "\(tally.audit.flips)", tally.audit.meanChange.fixed(4),
                tally.audit.largestChange.fixed(3), tally.audit.bound(coverage: AuditTally.toldCoverage).fixed(3),
            ]
            let columns = zip(figures, [13, 13, 13, 10, 14, 10, 14]).map { Self.padded($0, to: $1) }
            return result.way.precision.rawValue.padding(8) + Self.padded(result.refreshName, to: 10)
                + columns.joined() + "\n"
        }
        return head + rows.joined()
    }

    private static func percent(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "-" : (100 * Double(part) / Double(whole)).fixed(2) + " %"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.count))
    }
}
