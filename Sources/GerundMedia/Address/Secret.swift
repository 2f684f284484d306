/// A text that may hold a password. It doesn't print, dump or encode; who needs it says so.
struct Secret: Hashable, Sendable {
    private let value: String

    init(_ value: String) {
        self.value = value
    }

    /// The text itself, for libav only.
    func reveal() -> String { self.value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { Redactor.mask }
    var debugDescription: String { Redactor.mask }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
