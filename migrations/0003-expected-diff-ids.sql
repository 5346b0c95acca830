-- What unpacking a layer has to find, where the image says it: its configuration lists the diffIds. Of the image and not
-- of the layer, because an image may say what it likes.
ALTER TABLE placement_layers ADD COLUMN expected_diff_id TEXT;
