/// The thresholds that calibration chose for one label.
public struct ThresholdRecord: Sendable, Hashable {
    /// The label's text.
    public var label: String
    /// The smoothed score above which an event starts, in 0...1; 1 if no threshold was found.
    public var startThreshold: Double
    /// The smoothed score below which an event ends, in 0...1; 1 if no threshold was found.
    public var endThreshold: Double
    /// A Boolean value that indicates whether a threshold was found that separates the label from event-free
    /// recordings.
    public var isFound: Bool
    /// The number of false alarms in the recordings at these thresholds.
    public var falseAlarms: Int
    /// The number of false alarms in the recordings at the default thresholds.
    public var falseAlarmsAtDefault: Int
    /// An upper bound on the label's false alarms per day and source, at 95 % confidence.
    public var upperBoundPerDay: Double

    /// Creates a record.
    public init(
        label: String, startThreshold: Double, endThreshold: Double, isFound: Bool, falseAlarms: Int,
        falseAlarmsAtDefault: Int, upperBoundPerDay: Double
    ) {
        self.label = label
        self.startThreshold = startThreshold
        self.endThreshold = endThreshold
        self.isFound = isFound
        self.falseAlarms = falseAlarms
        self.falseAlarmsAtDefault = falseAlarmsAtDefault
        self.upperBoundPerDay = upperBoundPerDay
    }
}

extension ThresholdRecord: RecordProtocol {
    /// The value `threshold`.
    public static let recordType = "threshold"

    private enum CodingKeys: String, CodingKey {
        case type, label
        case startThreshold = "start_threshold"
        case endThreshold = "end_threshold"
        case isFound = "found"
        case falseAlarms = "false_alarms"
        case falseAlarmsAtDefault = "false_alarms_at_default"
        case upperBoundPerDay = "upper_bound_per_day"
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            label: try json.decode(String.self, forKey: .label),
            startThreshold: try json.decode(Double.self, forKey: .startThreshold),
            endThreshold: try json.decode(Double.self, forKey: .endThreshold),
            isFound: try json.decode(Bool.self, forKey: .isFound),
            falseAlarms: try json.decode(Int.self, forKey: .falseAlarms),
            falseAlarmsAtDefault: try json.decode(Int.self, forKey: .falseAlarmsAtDefault),
            upperBoundPerDay: try json.decode(Double.self, forKey: .upperBoundPerDay))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.label, forKey: .label)
        try json.encode(self.startThreshold, decimals: 4, forKey: .startThreshold)
        try json.encode(self.endThreshold, decimals: 4, forKey: .endThreshold)
        try json.encode(self.isFound, forKey: .isFound)
        try json.encode(self.falseAlarms, forKey: .falseAlarms)
        try json.encode(self.falseAlarmsAtDefault, forKey: .falseAlarmsAtDefault)
        try json.encode(self.upperBoundPerDay, decimals: 3, forKey: .upperBoundPerDay)
    }
}
