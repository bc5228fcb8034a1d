import CardCryptography

/// One channel of the module's process: a request, an answer, and so on.
final class ModuleConversation {
    private let state: ModuleState
    private var session: TokenSession?

    init(_ state: ModuleState) { self.state = state }

    /// Answers until the other side lets go.
    func run(on descriptor: Int32) {
        while let request = ModuleChannel.receive(descriptor) {
            let answer = answer(ModuleReader(request))
            guard ModuleChannel.send(answer, to: descriptor) else { return }
        }
    }

    /// The answer to one request; a failure is an answer too.
    func answer(_ reader: ModuleReader) -> ModuleWriter {
        do throws(TokenFailure) {
            let writer = ModuleWriter(isFailure: false)
            try answer(reader, writer)
            return writer
        } catch {
            let writer = ModuleWriter(isFailure: true)
            error.write(to: writer)
            return writer
        }
    }

    private func answer(_ reader: ModuleReader, _ writer: ModuleWriter) throws(TokenFailure) {
        guard let operation = ModuleOperation(rawValue: try reader.byte()) else { throw .malformedMessage }
        switch operation {
        case .listTokens, .initializeToken, .open: try manage(operation, reader, writer)
        case .importKey, .finishLoading: try load(operation, reader)
        case .probe:
            try reader.end()
            let session = try tokenSession()
            try session.perform { () throws(TokenFailure) in try session.probe() }.write(to: writer)
        case .sessionCryptogram, .encipher, .decipher: try crypt(operation, reader, writer)
        case .plainCryptogram, .checkValue: try cryptogram(operation, reader, writer)
        case .commandMAC:
            let path = try TokenKeyPath(from: reader)
            let (initialValue, message) = (try reader.field(), try reader.field())
            try reader.end()
            let session = try tokenSession()
            writer.put(
                try session.perform { () throws(TokenFailure) in
                    try session.commandMAC(path, initialValue: initialValue, message: message)
                })
        case .wrappedKey:
            let request = try WrappedKeyRequest(from: reader)
            try reader.end()
            let session = try tokenSession()
            var prepared: HeldKey?
            if case .inside(let path) = request.content { prepared = state.prepared.take(path) }
            writer.put(
                try session.perform { () throws(TokenFailure) in
                    try session.wrappedKey(request, prepared: prepared)
                })
        case .prepare: try prepare(reader, writer)
        }
    }

    private func tokenSession() throws(TokenFailure) -> TokenSession {
        if let session { return session }
        let made = TokenSession(try state.openDevice())
        session = made
        return made
    }

    private func manage(
        _ operation: ModuleOperation, _ reader: ModuleReader, _ writer: ModuleWriter
    ) throws(TokenFailure) {
        let path = try reader.text()
        if operation == .listTokens {
            try reader.end()
            let tokens = try state.module(path).tokens()
            writer.put(count: tokens.count)
            for token in tokens { TokenListing(token).write(to: writer) }
            return
        }
        let label = try reader.text()
        if operation == .initializeToken {
            let (officerPIN, userPIN) = (try reader.secret(), try reader.secret())
            try reader.end()
            return try state.module(path)
                .initializeToken(label: label, officerPIN: officerPIN, userPIN: userPIN)
        }
        let spendsLastTry = try reader.byte() == 1
        let pin = try reader.secret()
        try reader.end()
        let device = try state.open(
            state.module(path), label: label, pin: pin, spendsLastTry: spendsLastTry)
        guard let description = device.current.description else { return writer.put(byte: 0) }
        writer.put(byte: 1)
        description.write(to: writer)
    }

    private func load(_ operation: ModuleOperation, _ reader: ModuleReader) throws(TokenFailure) {
        let device = try state.openDevice()
        guard operation == .importKey else {
            guard let description = TokenDescription(try reader.text()) else { throw .malformedMessage }
            try reader.end()
            return try device.finishLoading(description)
        }
        let isFirst = try reader.byte() == 1
        guard let identity = KeySet.Identity(tokenLabel: try reader.text()),
            let purpose = TokenPurpose(rawValue: try reader.text())
        else { throw .malformedMessage }
        let key = try reader.secret()
        try reader.end()
        if isFirst { try device.beginLoading() }
        try device.importKey(identity, key, purpose: purpose)
    }

    private func crypt(
        _ operation: ModuleOperation, _ reader: ModuleReader, _ writer: ModuleWriter
    ) throws(TokenFailure) {
        let path = try TokenKeyPath(from: reader)
        let blocks = try reader.field()
        try reader.end()
        let session = try tokenSession()
        writer.put(
            try session.perform { () throws(TokenFailure) in
                switch operation {
                case .decipher: try session.decipher(path, blocks)
                case .encipher: try session.encipher(path, blocks)
                default: try session.sessionCryptogram(path, original: blocks)
                }
            })
    }

    private func cryptogram(
        _ operation: ModuleOperation, _ reader: ModuleReader, _ writer: ModuleWriter
    ) throws(TokenFailure) {
        let path = try TokenKeyPath(from: reader)
        let challenge = operation == .plainCryptogram ? try reader.field() : []
        try reader.end()
        let session = try tokenSession()
        writer.put(
            try session.perform { () throws(TokenFailure) in
                try operation == .checkValue ? session.checkValue(path) : session.encipher(path, challenge)
            })
    }

    private func prepare(_ reader: ModuleReader, _ writer: ModuleWriter) throws(TokenFailure) {
        let path = try TokenKeyPath(from: reader)
        let isKept = try reader.byte() == 1
        guard let parity = KeyParity(rawValue: try reader.text()) else { throw .malformedMessage }
        let factors = try reader.factors()
        try reader.end()
        let session = try tokenSession()
        let keys = try session.perform { () throws(TokenFailure) in
            try session.cardKeys(path, factors: factors, parity: parity)
        }
        if isKept { state.prepared.keep(path, factors: factors, keys) }
        writer.put(count: factors.count)
    }
}
