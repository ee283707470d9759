-- What a device of its own keeps. The columns named "sealed" are encrypted by seal.py.

CREATE TABLE account (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    registration_id integer NOT NULL,
    private_key bytea NOT NULL -- sealed
);

CREATE TABLE signed_prekey (
    id integer PRIMARY KEY,
    private_key bytea NOT NULL, -- sealed
    replaced timestamptz -- when a newer one was made; NULL: this is the published one
);

CREATE TABLE prekey (
    id integer PRIMARY KEY,
    private_key bytea NOT NULL -- sealed
);

-- A new id each time: one that is used again would delete the wrong key.
CREATE SEQUENCE prekey_id AS integer MAXVALUE 16777215 CYCLE;
CREATE SEQUENCE signed_prekey_id AS integer MAXVALUE 16777215 CYCLE;

-- The sessions that were begun with a signed prekey. They go when it goes.
CREATE TABLE base_key (
    signed_prekey_id integer NOT NULL REFERENCES signed_prekey ON DELETE CASCADE,
    base_key bytea NOT NULL,
    PRIMARY KEY (signed_prekey_id, base_key)
);

-- One row for each device of a peer. The row is also the lock on its session: see device.py.
CREATE TABLE device (
    jid text COLLATE "C" PRIMARY KEY,
    identity bytea, -- sealed: the key that we trust for it
    record bytea -- sealed: its sessions
);

-- A call that we place has no key until it is sealed for the callee's devices. One that we get arrives with it.
CREATE TABLE call (
    incoming boolean NOT NULL,
    peer text NOT NULL, -- the callee's user; the caller's device
    id text NOT NULL,
    devices text[] NOT NULL, -- of the callee, as the server lists them
    key bytea, -- sealed
    failed text, -- why a call cannot be placed
    PRIMARY KEY (incoming, peer, id)
);
CREATE INDEX wanted ON call (peer) WHERE key IS NULL AND failed IS NULL;

-- Stanzas that must be sent: ciphertexts, so nothing in them is sealed.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient text NOT NULL,
    stanza bytea NOT NULL
);
