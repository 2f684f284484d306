/// How much of the older frames of a window is computed anew when a new frame has come.
///
/// In X-CLIP every frame depends on all others of its window, so what was computed of a frame in one window is out of
/// date in the next. `all` is the published model; less is an approximation, whose error is to be measured.
public enum Refresh: Hashable, Sendable {
    /// So many rows of each older frame. 0: older frames stay as they are, and never hear of later ones. 1: the class
    /// token, through which alone frames hear of each other. More: also the patches that attended most to the message
    /// when the frame was new.
    case rows(Int)
    /// All rows: the exact result.
    case all

    /// How many of a frame's rows are computed anew.
    func count(of tokens: Int) -> Int {
        switch self {
        case .rows(let count): min(count, tokens)
        case .all: tokens
        }
    }
}
