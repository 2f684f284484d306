/// How windows are computed.
public enum RecognitionMode: String, CaseIterable, Sendable {
    /// Every window gives the published model's numbers, up to float rounding.
    case exact
    /// Each frame is encoded once, on arrival; older frames are refreshed in part.
    case fast
    /// Live sources are computed exactly while the machine keeps up, and fast otherwise. A source that waits for the
    /// engine, such as a file, is always computed exactly.
    case auto
}
