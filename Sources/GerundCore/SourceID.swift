/// The name of a source in every record: given by the user (`#name=door`) or derived from the address.
///
/// Never contains credentials.
public struct SourceID: Hashable, Sendable, CustomStringConvertible {
    public let name: String

    public init(_ name: String) {
        self.name = name
    }

    public var description: String { self.name }
}
