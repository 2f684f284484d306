/// The number of tokens of older frames that are recomputed for every window.
///
/// In X-CLIP every frame depends on all other frames of its window, so the cached state of a frame is out of date in
/// the next window. `all` is the published model; everything else is an approximation whose error must be measured.
/// `RefreshPlan` explains why the class token alone is a good one.
public enum RefreshPolicy: Hashable, Sendable {
    /// A number of tokens per older frame: the class token first, then the patches that attended most to the frame's
    /// message when the frame was new.
    ///
    /// Values below 0 count as 0, values above the number of tokens as ``all``.
    case tokens(Int)
    /// All tokens: the exact result.
    case all

    /// Recomputes all tokens of all frames: the published model, to float rounding.
    public static let exact = RefreshPolicy.all
    /// Recomputes nothing: older frames keep the state of the window in which they were new, and don't receive messages
    /// of later frames.
    public static let cached = RefreshPolicy.tokens(0)
    /// Recomputes the class token, the only token through which frames exchange messages.
    public static let classToken = RefreshPolicy.tokens(1)

    /// Returns the number of tokens of a frame to recompute.
    ///
    /// - Parameter tokens: The number of tokens of the frame.
    /// - Returns: 0 to `tokens`.
    func tokenCount(outOf tokens: Int) -> Int {
        switch self {
        case .tokens(let count): min(max(0, count), tokens)
        case .all: tokens
        }
    }
}
