/// A text that may contain a password.
///
/// It doesn't print, dump or encode; ``reveal()`` is the only access.
struct Secret: Hashable, Sendable {
    private let value: String

    init(_ value: String) {
        self.value = value
    }

    /// Returns the text, for libav only.
    func reveal() -> String { self.value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { Redactor.mask }
    var debugDescription: String { Redactor.mask }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
