import ByteText
import Lifecycle

/// The answer to a form in a form that a line of a file can keep.
protocol OnceAnswer: Sendable {
    /// The answer without spaces or line ends.
    var onceText: String { get }

    /// Reads ``onceText``; nil for anything else.
    init?(onceText: String)
}

extension EventIdentifier: OnceAnswer {
    var onceText: String { word }

    init?(onceText: String) { self.init(word: onceText) }
}

extension PersonReference: OnceAnswer {
    var onceText: String { bytes.hexadecimal }

    init?(onceText: String) {
        guard let bytes = [UInt8](hexadecimal: onceText) else { return nil }
        self.init(bytes: bytes)
    }
}

extension String: OnceAnswer {
    var onceText: String { self }

    init?(onceText: String) { self = onceText }
}

extension Int: OnceAnswer {
    var onceText: String { String(self) }

    init?(onceText: String) { self.init(onceText) }
}
