import GerundCore
import GerundEvents

extension Classification {
    /// One line of JSON without its end; `top` lists label, score and share of the best labels.
    ///
    /// `{"type":"classification","source":"clip.mp4","label":"clapping","score":0.98,"share":0.91,"windows":12,…}`
    public func jsonLine(top: Int) -> String {
        var json = JSONLine(type: "classification")
        json.add("source", self.source.name)
        if let best = self.answers.first {
            json.add("label", best.label)
            json.add("score", best.score, decimals: 3)
            json.add("share", best.share, decimals: 3)
        }
        json.add("top", self.answers.prefix(top).map { ScoredLabel(label: $0.label, score: $0.score) })
        json.add("windows", self.windows)
        json.add("span", self.span.inSeconds, decimals: 3)
        return json.finished()
    }
}
