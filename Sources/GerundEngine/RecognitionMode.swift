/// How windows are computed.
public enum RecognitionMode: String, CaseIterable, Sendable {
    /// The published model's numbers, to float rounding.
    case exact
    /// Each frame is encoded once, when it comes; older frames are refreshed in part.
    case fast
    /// Exact while the machine keeps up, else fast. A source that waits for its reader is always exact.
    case auto
}
