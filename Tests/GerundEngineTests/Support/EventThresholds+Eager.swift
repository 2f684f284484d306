import GerundEvents

extension EventThresholds {
    /// Returns thresholds that put every window inside an event, with a gap up to which the same label continues one.
    static func eager(mergeGap: Duration = .seconds(1)) -> EventThresholds {
        EventThresholds(startThreshold: -1, endThreshold: -1, minimumDuration: .zero, mergeGap: mergeGap)
    }
}
