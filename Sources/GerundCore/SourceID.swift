/// The name of a source in every record: given by the user (`#name=door`) or derived from the address.
///
/// The name never contains credentials.
public struct SourceID: Hashable, Sendable, CustomStringConvertible {
    /// The name as text, for records and messages.
    public let name: String

    /// Creates an identifier from a name without credentials.
    public init(_ name: String) {
        self.name = name
    }

    /// The name.
    public var description: String { self.name }
}
