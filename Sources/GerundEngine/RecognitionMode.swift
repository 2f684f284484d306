/// The mode in which windows are computed.
public enum RecognitionMode: String, CaseIterable, Sendable {
    /// Every window gives the published model's numbers, up to float rounding.
    case exact
    /// Each frame is encoded once, on arrival; older frames are refreshed in part.
    case fast
    /// Live sources, and files that are read in real time, are computed exactly while the machine keeps up, and fast
    /// otherwise. A source that waits for the engine, such as an unpaced file, is always computed exactly.
    case auto
}
