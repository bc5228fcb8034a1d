/// What a later version of the specification made of a tag (file structure V2.0, appendix C).
///
/// On a card of the earlier version the record keeps its length: a value of the new meaning is filled at the right with the hex
/// digit E. A reader that sees EE at the end takes the new meaning and cuts the value to its new length. Where old and new
/// value are equally long, the record of another tag, its companion, tells the meaning of both.
public indirect enum Reinterpretation: Hashable, Sendable {
    /// The new meaning, and the tag that tells it where the value itself cannot.
    case later(Element, companion: UInt8?)

    /// The new meaning, with the tag of the old one and its own name, coding and length.
    public var element: Element {
        switch self {
        case .later(let element, _): element
        }
    }

    /// The tag whose record tells which meaning this one has; nil when the value tells it itself.
    public var companion: UInt8? {
        switch self {
        case .later(_, let companion): companion
        }
    }
}
