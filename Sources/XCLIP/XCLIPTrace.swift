package import GerundTensor

/// A function that tests pass to observe intermediate values: it is called with the name and the rows of a matrix as
/// soon as they are computed.
package typealias XCLIPTrace = (_ name: String, _ rows: MatrixView) -> Void
