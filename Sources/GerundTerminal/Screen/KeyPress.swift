/// A key that was pressed.
public enum KeyPress: Sendable, Hashable {
    /// A key that types a character.
    case character(Character)
    /// The Enter key.
    case enter
    /// The Escape key.
    case escape
    /// The Backspace key.
    case backspace
    /// The up arrow key.
    case up
    /// The down arrow key.
    case down
}
