/// The result of calibration over all labels.
public struct CalibrationRecord: Sendable, Hashable {
    /// The total duration of the recordings of all sources, in hours of media time.
    public var hours: Double
    /// The number of false alarms in the recordings at the chosen thresholds, over all labels.
    public var falseAlarms: Int
    /// An upper bound on false alarms per day and source over all labels, valid with probability ``confidence``.
    public var upperBoundPerDay: Double
    /// The confidence of the bounds, in 0...1.
    public var confidence: Double
    /// The requested maximum of false alarms per day and source over all labels.
    public var budgetPerDay: Double
    /// A Boolean value that indicates whether ``upperBoundPerDay`` is within ``budgetPerDay``.
    public var isBudgetMet: Bool
    /// The duration of recordings, in hours, that would guarantee the budget if they had no alarm.
    public var requiredHours: Double

    /// Creates a record.
    public init(
        hours: Double, falseAlarms: Int, upperBoundPerDay: Double, confidence: Double, budgetPerDay: Double,
        isBudgetMet: Bool, requiredHours: Double
    ) {
        self.hours = hours
        self.falseAlarms = falseAlarms
        self.upperBoundPerDay = upperBoundPerDay
        self.confidence = confidence
        self.budgetPerDay = budgetPerDay
        self.isBudgetMet = isBudgetMet
        self.requiredHours = requiredHours
    }
}

extension CalibrationRecord: RecordProtocol {
    /// The value `calibration`.
    public static let recordType = "calibration"

    private enum CodingKeys: String, CodingKey {
        case type, hours
        case falseAlarms = "false_alarms"
        case upperBoundPerDay = "upper_bound_per_day"
        case confidence
        case budgetPerDay = "budget_per_day"
        case isBudgetMet = "budget_met"
        case requiredHours = "required_hours"
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            hours: try json.decode(Double.self, forKey: .hours),
            falseAlarms: try json.decode(Int.self, forKey: .falseAlarms),
            upperBoundPerDay: try json.decode(Double.self, forKey: .upperBoundPerDay),
            confidence: try json.decode(Double.self, forKey: .confidence),
            budgetPerDay: try json.decode(Double.self, forKey: .budgetPerDay),
            isBudgetMet: try json.decode(Bool.self, forKey: .isBudgetMet),
            requiredHours: try json.decode(Double.self, forKey: .requiredHours))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.hours, decimals: 4, forKey: .hours)
        try json.encode(self.falseAlarms, forKey: .falseAlarms)
        try json.encode(self.upperBoundPerDay, decimals: 3, forKey: .upperBoundPerDay)
        try json.encode(self.confidence, decimals: 2, forKey: .confidence)
        try json.encode(self.budgetPerDay, decimals: 3, forKey: .budgetPerDay)
        try json.encode(self.isBudgetMet, forKey: .isBudgetMet)
        try json.encode(self.requiredHours, decimals: 1, forKey: .requiredHours)
    }
}
