"""People found again: blind index, proposals, outcomes heard, histories, links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0864dec87526'
down_revision = 'a2f2c6b05db2'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('histories',
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('found_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('subjects', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('contact_id'),
    comment='The history last announced of a contact: counts, codes and ids.'
    )
    op.create_table('links',
    sa.Column('link_id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('other_contact_id', sa.UUID(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('reason_code', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=True, comment='Why, in words: sealed with the key of contact_id.'),
    sa.Column('pairs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('linked_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('linked_by', sa.Text(), nullable=False),
    sa.Column('unlinked_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('unlinked_by', sa.Text(), nullable=True),
    sa.Column('unlink_reason_code', sa.Text(), nullable=True),
    sa.Column('unlink_reason', sa.LargeBinary(), nullable=True, comment='Sealed with the key of contact_id.'),
    sa.Column('said', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="The duplicate's ratings as the primary was last told."),
    sa.Column('said_at', postgresql.TIMESTAMP(timezone=True), nullable=True, comment='Real time: when the primary was last told.'),
    sa.Column('times_said', sa.Integer(), server_default='0', nullable=False),
    sa.Column('heard', sa.Boolean(), server_default='false', nullable=False, comment="The primary's rating has it."),
    sa.Column('duplicate_told', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('due', sa.Boolean(), server_default='false', nullable=False, comment='Something about it is to be said.'),
    sa.Column('correlation_id', sa.UUID(), nullable=False),
    sa.PrimaryKeyConstraint('link_id'),
    comment='Two contacts that belong together, said by a person or by their sender. contact_id is the primary.'
    )
    op.create_index('links_due', 'links', ['link_id'], unique=False, postgresql_where=sa.text('due'))
    op.create_index('links_of_contact', 'links', ['contact_id'], unique=False)
    op.create_index('links_of_other', 'links', ['other_contact_id'], unique=False)
    op.create_index('links_unheard', 'links', ['said_at'], unique=False, postgresql_where=sa.text("NOT heard AND relation <> 'related' AND state IN ('waiting', 'joined')"))
    op.create_table('looks_due',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('looks', sa.Boolean(), nullable=False, comment='Its own history is to be found.'),
    sa.Column('spreads', sa.Boolean(), nullable=False, comment='Later contacts about its subjects are to look again.'),
    sa.PrimaryKeyConstraint('id'),
    comment='Contacts whose earlier ones are to be looked for. Only added to and deleted from: nobody waits for a row.'
    )
    op.create_index('looks_due_of_contact', 'looks_due', ['contact_id'], unique=False)
    op.create_table('match_proposals',
    sa.Column('subject_id', sa.UUID(), nullable=False),
    sa.Column('other_subject_id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('other_contact_id', sa.UUID(), nullable=False),
    sa.Column('score', sa.REAL(), nullable=False),
    sa.Column('agrees', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('near', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('differs', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('proposed_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('answered_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Text(), nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=True, comment='Why, in words: sealed with the key of contact_id.'),
    sa.PrimaryKeyConstraint('subject_id', 'other_subject_id'),
    comment='Two subjects that may be one child: a person says. The lesser id comes first.'
    )
    op.create_index('match_proposals_of_contact', 'match_proposals', ['contact_id'], unique=False)
    op.create_index('match_proposals_of_other', 'match_proposals', ['other_subject_id'], unique=False)
    op.create_index('match_proposals_of_other_contact', 'match_proposals', ['other_contact_id'], unique=False)
    op.create_table('subject_index',
    sa.Column('kind', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('subject_id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'digest', 'subject_id'),
    comment='The blind index: keyed hashes under which a subject is found again (index_keys.IndexKind).'
    )
    op.create_index('subject_index_of_contact', 'subject_index', ['contact_id'], unique=False)
    op.create_table('subject_outcomes',
    sa.Column('subject_id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('rating', sa.Text(), nullable=True),
    sa.Column('routes', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('counts_as_referral', sa.Boolean(), nullable=True),
    sa.Column('decided_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('assessed_at', postgresql.TIMESTAMP(timezone=True), nullable=True, comment='When its closure assessment was completed.'),
    sa.PrimaryKeyConstraint('subject_id'),
    comment='What triage last said of a subject, as far as the history of a later contact counts it.'
    )
    op.create_index('subject_outcomes_of_contact', 'subject_outcomes', ['contact_id'], unique=False)
    op.add_column('contacts', sa.Column('follows_contact_id', sa.UUID(), nullable=True, comment="The sender's own earlier contact that this one belongs to."))
    op.add_column('contacts', sa.Column('follows_reference', sa.Text(), nullable=True, comment='The reference it was said to belong to, known here or not.'))
    op.add_column('contacts', sa.Column('kept', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What every event repeats of the contact; null until it was matched once.'))
    op.add_column('contacts', sa.Column('correlation_id', sa.UUID(), nullable=True, comment='That of its first announcement: what follows from it carries it on.'))
    op.add_column('contacts', sa.Column('matched_at', postgresql.TIMESTAMP(timezone=True), nullable=True, comment='When its subjects were last put into the index; null: to be done.'))
    op.add_column('contacts', sa.Column('closed_at', postgresql.TIMESTAMP(timezone=True), nullable=True, comment='When triage closed it; null again once reopened.'))
    op.add_column('contacts', sa.Column('closed_reason', sa.Text(), nullable=True))
    op.create_index('contacts_unmatched', 'contacts', ['accepted_at'], unique=False, postgresql_where=sa.text('matched_at IS NULL AND body IS NOT NULL'))
    op.add_column('subjects', sa.Column('told', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='The subject as last announced: ids, codes, ages.'))
    op.add_column('subjects', sa.Column('person', sa.LargeBinary(), nullable=True, comment="Names and identifiers in comparable form, sealed with the contact's key."))
    op.add_column('subjects', sa.Column('too_common', postgresql.ARRAY(sa.SmallInteger()), nullable=True, comment='Kinds of blocks too common to be opened when last looked.'))


def downgrade() -> None:
    op.drop_column('subjects', 'too_common')
    op.drop_column('subjects', 'person')
    op.drop_column('subjects', 'told')
    op.drop_index('contacts_unmatched', table_name='contacts', postgresql_where=sa.text('matched_at IS NULL AND body IS NOT NULL'))
    op.drop_column('contacts', 'closed_reason')
    op.drop_column('contacts', 'closed_at')
    op.drop_column('contacts', 'matched_at')
    op.drop_column('contacts', 'correlation_id')
    op.drop_column('contacts', 'kept')
    op.drop_column('contacts', 'follows_reference')
    op.drop_column('contacts', 'follows_contact_id')
    op.drop_index('subject_outcomes_of_contact', table_name='subject_outcomes')
    op.drop_table('subject_outcomes')
    op.drop_index('subject_index_of_contact', table_name='subject_index')
    op.drop_table('subject_index')
    op.drop_index('match_proposals_of_other_contact', table_name='match_proposals')
    op.drop_index('match_proposals_of_other', table_name='match_proposals')
    op.drop_index('match_proposals_of_contact', table_name='match_proposals')
    op.drop_table('match_proposals')
    op.drop_index('looks_due_of_contact', table_name='looks_due')
    op.drop_table('looks_due')
    op.drop_index('links_unheard', table_name='links', postgresql_where=sa.text("NOT heard AND relation <> 'related' AND state IN ('waiting', 'joined')"))
    op.drop_index('links_of_other', table_name='links')
    op.drop_index('links_of_contact', table_name='links')
    op.drop_index('links_due', table_name='links', postgresql_where=sa.text('due'))
    op.drop_table('links')
    op.drop_table('histories')
