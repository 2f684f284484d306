/// The rules by which events start and end.
///
/// All durations are in media time.
public struct EventThresholds: Sendable, Hashable {
    /// The smoothed score above which an event starts, in 0...1.
    ///
    /// The default is 0.6.
    public var startThreshold: Double
    /// The smoothed score below which an event ends, in 0...1; not above ``startThreshold``.
    ///
    /// The default is 0.4.
    public var endThreshold: Double
    /// The time for which a label must lead before its event is reported.
    ///
    /// The default is 0.5 seconds.
    public var minimumDuration: Duration
    /// The longest pause within one event.
    ///
    /// The default is 1 second.
    public var mergeGap: Duration
    /// The time after the end of an event in which no other event of the same label starts.
    ///
    /// An action that starts within the cooldown and outlasts it starts an event when the cooldown ends. The default is
    /// zero.
    public var cooldown: Duration
    /// A Boolean value that indicates whether events of different labels may overlap; otherwise only the leading label
    /// has events.
    ///
    /// The default is `false`.
    public var allowsOverlap: Bool
    /// The interval between updates of an ongoing event; `nil`, the default, for no updates.
    public var updateInterval: Duration?
    /// The thresholds of individual labels, by the labels' texts.
    ///
    /// The default is empty.
    public var labelThresholds: [String: HysteresisThresholds]

    /// Creates a set of rules.
    ///
    /// - Parameters:
    ///   - startThreshold: The start threshold.
    ///   - endThreshold: The end threshold; limited to `startThreshold`.
    ///   - minimumDuration: The time for which a label must lead before its event is reported.
    ///   - mergeGap: The longest pause within one event.
    ///   - cooldown: The time after an event in which no other event of the same label starts.
    ///   - allowsOverlap: Whether events of different labels may overlap.
    ///   - updateInterval: The interval between updates of an ongoing event.
    ///   - labelThresholds: The thresholds of individual labels.
    public init(
        startThreshold: Double = 0.6, endThreshold: Double = 0.4, minimumDuration: Duration = .milliseconds(500),
        mergeGap: Duration = .seconds(1), cooldown: Duration = .zero, allowsOverlap: Bool = false,
        updateInterval: Duration? = nil, labelThresholds: [String: HysteresisThresholds] = [:]
    ) {
        self.startThreshold = startThreshold
        self.endThreshold = min(endThreshold, startThreshold)
        self.minimumDuration = minimumDuration
        self.mergeGap = mergeGap
        self.cooldown = cooldown
        self.allowsOverlap = allowsOverlap
        self.updateInterval = updateInterval
        self.labelThresholds = labelThresholds
    }

    /// The thresholds of labels without individual thresholds.
    public var defaultThresholds: HysteresisThresholds {
        HysteresisThresholds(start: self.startThreshold, end: self.endThreshold)
    }

    /// Returns the thresholds of one label: the individual or the default ones.
    public func thresholds(for label: String) -> HysteresisThresholds {
        self.labelThresholds[label] ?? self.defaultThresholds
    }
}
