import CardCryptography

/// What the module's process needs for the data of one WRITE KEY.
struct WrappedKeyRequest {
    /// What travels in the command.
    enum Content {
        /// A card's key, which leaves the token for the time of this command.
        case inside(TokenKeyPath)
        /// A published value, or a packed PIN.
        case given(HeldKey)
    }

    /// What protects the command.
    enum Protection {
        /// A card's key, used inside the token.
        case inside(TokenKeyPath)
        /// The published transport value of a blank, 8 or 16 bytes.
        case known([UInt8])
    }

    let content: Content
    let protection: Protection
    let header: [UInt8]
    /// Bytes that the content fills, FF behind it; 0 when it keeps its own length.
    let contentLength: Int
    let p1: UInt8
    let p2: UInt8
    /// The initial value of the MAC.
    let initialValue: [UInt8]
    let parity: KeyParity
}

extension WrappedKeyRequest {
    func write(to writer: ModuleWriter) {
        switch content {
        case .inside(let path):
            writer.put(byte: 0)
            path.write(to: writer)
        case .given(let secret):
            writer.put(byte: 1)
            writer.put(secret)
        }
        switch protection {
        case .inside(let path):
            writer.put(byte: 0)
            path.write(to: writer)
        case .known(let value):
            writer.put(byte: 1)
            writer.put(value)
        }
        writer.put(header)
        writer.put(count: contentLength)
        writer.put(byte: p1)
        writer.put(byte: p2)
        writer.put(initialValue)
        writer.put(parity.rawValue)
    }

    init(from reader: ModuleReader) throws(TokenFailure) {
        switch try reader.byte() {
        case 0: content = .inside(try TokenKeyPath(from: reader))
        case 1: content = .given(try reader.secret())
        default: throw .malformedMessage
        }
        switch try reader.byte() {
        case 0: protection = .inside(try TokenKeyPath(from: reader))
        case 1: protection = .known(try reader.field())
        default: throw .malformedMessage
        }
        header = try reader.field()
        contentLength = try reader.count()
        p1 = try reader.byte()
        p2 = try reader.byte()
        initialValue = try reader.field()
        guard let parity = KeyParity(rawValue: try reader.text()), header.count <= 8, contentLength <= 64 else {
            throw .malformedMessage
        }
        self.parity = parity
    }
}

extension TokenSession {
    /// The data of a WRITE KEY: LD ‖ header ‖ content enciphered, then the left 4 bytes of the MAC.
    ///
    /// - Parameter prepared: a card key that was derived before; nil to derive it now.
    func wrappedKey(_ request: WrappedKeyRequest, prepared: HeldKey?) throws(TokenFailure) -> [UInt8] {
        let plain = try content(of: request, prepared: prepared).withUnsafeBytes { secret in
            SecretBytes.joining(request.header, secret, contentLength: request.contentLength)
        }
        switch request.protection {
        case .known(let value):
            return try TokenFailure.reporting { () throws(CryptographyError) in
                let enciphered = try plain.withSpan { span throws(CryptographyError) in
                    try CardCryptogram.encipher(value.span, cipher: .tripleDES, plain: span)
                }
                return try enciphered
                    + CardCryptogram.commandMAC(
                        value.span, cipher: .tripleDES, initialValue: request.initialValue,
                        message: request.message(enciphered))
            }
        case .inside(let path):
            // the blocks that the token enciphers: LD ‖ data ‖ 80 00… only where that does not fill them
            var blocks = [UInt8(plain.count)] + plain.unprotectedCopy()
            defer { blocks.wipe() }
            if blocks.count % 8 != 0 { blocks.append(0x80) }
            while blocks.count % 8 != 0 { blocks.append(0) }
            let enciphered = try encipher(path, blocks)
            return try enciphered
                + commandMAC(path, initialValue: request.initialValue, message: request.message(enciphered))
        }
    }

    private func content(of request: WrappedKeyRequest, prepared: HeldKey?) throws(TokenFailure) -> SecretBytes {
        switch request.content {
        case .given(let secret): return secret.withSpan { SecretBytes(copying: $0) }
        case .inside(let path):
            guard try description().purpose == .cardMaking else { throw .keysStayInside }
            if let prepared { return prepared.withSpan { SecretBytes(copying: $0) } }
            guard let parent = path.parent, let step = path.steps.last, step.form == .whole else {
                throw .malformedMessage
            }
            return try cardKeys(parent, factors: [step.factor], parity: request.parity)
        }
    }
}

extension WrappedKeyRequest {
    /// What the MAC is taken over.
    fileprivate func message(_ enciphered: [UInt8]) -> [UInt8] {
        [0x84, 0xD4, p1, p2, UInt8(truncatingIfNeeded: enciphered.count + 4)] + enciphered
    }
}
